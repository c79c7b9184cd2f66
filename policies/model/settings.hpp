// Settings: what the administrator decides. One value type, complete and checked before use.
//
// Read from a file by webhook/config; every member has the documented default.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policies/compatibility/compatibility.hpp"
#include "policies/model/label_selector.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"

namespace cvm {

enum class Mode { kSupervised };
enum class Placement { kSidecar, kContainer };
enum class RuleAction { kDeny, kWarn, kAudit, kOff };
enum class UnknownAction { kAllow, kWarn, kDeny };

std::string_view to_string(Placement placement);
std::string_view to_string(RuleAction action);

// The host directories that a supervisor may mount, in the order of the table in README.
enum class HostPath { kUsrSrc, kLibModules, kVarRun, kVarLib };
inline constexpr std::size_t kHostPathCount = 4;

struct HostPathSettings {
  std::string mount_path;          // empty: the host's own path
  std::string type = "Directory";  // hostPath.type
};

struct EnvSetting {
  std::string name, value;
};

struct SupervisorSettings {
  Placement placement = Placement::kSidecar;
  std::string image = "ghcr.io/coder/envbox:latest";
  std::string image_pull_policy = "IfNotPresent";
  std::vector<std::string> command = {"/envbox", "docker"};
  std::map<std::string, std::string> requests = {{"cpu", "100m"}, {"memory", "128Mi"}};
  std::map<std::string, std::string> limits;
  std::vector<EnvSetting> env;
  bool tun = false;
  bool fuse = false;
};

// Nodes that an autoscaler may add: a pod may count on them.
struct NodeTemplate {
  std::string name;  // of the node group
  NodeFacts facts;   // without a name
};

struct NodeSettings {
  UnknownAction selinux_unknown = UnknownAction::kAllow;
  UnknownAction shiftfs_unknown = UnknownAction::kAllow;
  UnknownAction secure_boot_unknown = UnknownAction::kAllow;  // with autoload_shiftfs
  UnknownAction kernel_headers_unknown = UnknownAction::kAllow;
  std::chrono::seconds stale_after{300};
  UnknownAction stale_action = UnknownAction::kWarn;
  std::vector<NodeTemplate> templates;
  bool mark = true;  // the webhook labels nodes with what they can host
};

struct GpuSettings {
  std::vector<std::string> allow_clouds;  // provider names of compatibility/clouds: "gce", "aws"...
  std::string usr_lib_dir;                // CODER_USR_LIB_DIR; empty: not set
};

struct Settings {
  bool enabled = true;
  bool default_to_cvm = true;
  Mode mode = Mode::kSupervised;
  bool caching = false;
  bool autoload_shiftfs = false;  // has an effect with caching only
  std::string runtime_class_name = "cvm";
  LabelSelector workspace_selector;  // empty: every pod
  SupervisorSettings supervisor;
  std::array<HostPathSettings, kHostPathCount> host_paths;  // indexed by HostPath
  std::string network_cidr = "172.19.0.0/30";
  GpuSettings gpu;
  NodeSettings nodes;
  Compatibility compatibility;
  std::map<std::string, RuleAction, std::less<>> rules;  // rule id -> action; absent: its default
};

// The network of a CVM: IPv4 in CIDR notation, no host bits, prefix /30 or wider (a CVM needs two
// addresses; coder/docs, workspace providers). Returns the text itself, or what is wrong with it.
Result<std::string> check_cvm_network(std::string_view cidr);

}  // namespace cvm
