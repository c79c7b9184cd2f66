// Compatibility: the rows that an administrator adds to the built-in tables, or replaces in them.
//
// The tables are in distribution_matrix.cpp, cloud.cpp and gpu.cpp, each row with its source. A row
// here with the key of one there replaces it. Owns its strings; without rows the tables stand as
// they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/model/version_number.hpp"

namespace cvm {

enum class ShiftfsModule {
  kPackaged,  // the distribution has the module, which does not say that a node loads it
  kNone,      // the distribution has no such module
  kUnknown,
};

enum class SelinuxDefault { kOn, kOff, kUnknown };

enum class Hosting {
  kUnknown,    // nothing on the node says; taken for one's own hardware
  kCloud,      // of a provider
  kVirtual,    // a virtual machine on a platform of one's own
  kBareMetal,  // or a cluster in containers, which sees its host's hardware
};

enum class GpuVendor { kNvidia, kAmd, kIntel };

// Key: id and version. What it does not say is as in the built-in row that it stands before.
struct DistributionRow {
  std::string id;        // ID of /etc/os-release
  std::string version;   // VERSION_ID or its first parts; empty: any that no other row names
  std::string os_image;  // how status.nodeInfo.osImage of its nodes begins; empty: as built in
  std::optional<VersionNumber> minimum_kernel;
  std::optional<ShiftfsModule> shiftfs;
  std::optional<SelinuxDefault> selinux;
};

enum class KernelAction { kDeny, kWarn, kAllow };

// Kernels that are known to be broken, or are allowed whatever the distribution's row says. Key:
// from, below and flavour. The first row that holds decides.
struct KernelRow {
  std::optional<VersionNumber> from, below;  // absent: no bound
  std::string flavour;                       // "aws", as in 5.15.0-1051-aws; empty: any
  KernelAction action = KernelAction::kDeny;
  std::string reason;  // for people
};

// Key: name.
struct Provider {
  std::string name;         // as settings.gpu.allow_clouds has it: "aws", "gce"
  std::string title;        // for people: "Google Cloud"
  std::string provider_id;  // how spec.providerID begins
  Hosting hosting = Hosting::kCloud;
};

// Key: resource.
struct GpuRow {
  std::string resource;  // "nvidia.com/gpu"; "nvidia.com/mig-*" for every name that begins so
  GpuVendor vendor = GpuVendor::kNvidia;
};

// What gives a pod of Sysbox its user namespace on a node.
enum class UserNamespaceNeed {
  kHostUsers,    // spec.hostUsers: false
  kAnnotation,   // CRI-O's annotation kUsernsModeAnnotation
  kUnsupported,  // nothing does
};

// Key: all but need and reason. The first row that holds decides.
struct UserNamespaceRow {
  std::string runtime;                       // of containerRuntimeVersion: "containerd", "cri-o"
  std::optional<VersionNumber> from, below;  // of the runtime; absent: no bound
  std::optional<VersionNumber> kubernetes_from, kubernetes_below;  // of the kubelet
  UserNamespaceNeed need = UserNamespaceNeed::kUnsupported;
  std::string reason;  // for people
};

struct Compatibility {
  std::vector<DistributionRow> distributions;
  std::vector<KernelRow> kernels;
  std::vector<Provider> clouds;
  std::vector<GpuRow> gpus;
  std::vector<UserNamespaceRow> user_namespaces;
};

}  // namespace cvm
