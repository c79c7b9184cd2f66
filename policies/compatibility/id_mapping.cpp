#include "policies/compatibility/id_mapping.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cvm {

namespace {

using Name = std::pair<std::string_view, std::string_view>;

constexpr Name kSources[] = {
    {"nfs", "NFS"}, {"glusterfs", "GlusterFS"}, {"azureFile", "SMB"}, {"quobyte", "Quobyte"}};

// Each is the name in its project's CSIDriver object.
constexpr Name kDrivers[] = {
    {"nfs.csi.k8s.io", "NFS"},
    {"efs.csi.aws.com", "NFS"},
    {"filestore.csi.storage.gke.io", "NFS"},
    {"nfs.csi.ceph.com", "NFS"},
    {"smb.csi.k8s.io", "SMB"},
    {"file.csi.azure.com", "SMB or NFS"},
};

template <typename Names>
std::string_view find(const Names& names, std::string_view key) {
  const auto* const found = std::find_if(std::begin(names), std::end(names),
                                         [key](const Name& name) { return name.first == key; });
  return found == std::end(names) ? std::string_view() : found->second;
}

}  // namespace

std::string_view unmappable_source(std::string_view source) { return find(kSources, source); }

std::string_view unmappable_driver(std::string_view driver) {
  // Operators put their namespace before the name: "rook-ceph.nfs.csi.ceph.com".
  if (driver.ends_with(".nfs.csi.ceph.com")) return "NFS";
  return find(kDrivers, driver);
}

bool is_ceph(std::string_view source, std::string_view driver) {
  return source == "cephfs" || driver.ends_with("cephfs.csi.ceph.com");
}

}  // namespace cvm
