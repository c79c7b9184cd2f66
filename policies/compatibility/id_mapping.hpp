// File systems whose mounts the kernel cannot ID-map, so that in a pod with a user namespace all
// their files belong to nobody.
//
// Source: mount_setattr(2), the list of file systems with ID-mapped mounts (NFS, SMB and FUSE are
// not among them; cephfs is from 6.7); Sysbox issue 831 (NFS).
#pragma once

#include <string_view>

#include "policies/model/version_number.hpp"

namespace cvm {

// tmpfs, on which a pod's token and secrets are (Kubernetes, "User Namespaces").
inline constexpr VersionNumber kIdMappedTmpfsFrom{6, 3};
inline constexpr VersionNumber kIdMappedCephFrom{6, 7};

// Of a volume's source in a pod or a PersistentVolume ("nfs") and of a CSI driver's name
// ("nfs.csi.k8s.io"): the file system's name for people ("NFS"); empty where its mounts can be
// ID-mapped or nothing is known of it.
std::string_view unmappable_source(std::string_view source);
std::string_view unmappable_driver(std::string_view driver);

// The same for cephfs, whose mounts older kernels cannot ID-map.
bool is_ceph(std::string_view source, std::string_view driver);

}  // namespace cvm
