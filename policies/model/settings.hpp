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

#include "policies/model/compatibility.hpp"
#include "policies/model/label_selector.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"

namespace cvm {

enum class Mode {
  kSupervised,  // a privileged supervisor in the pod runs the workspace with Sysbox
  kNative,      // the node's own Sysbox runs the pod; there is no supervisor
};
enum class Placement {
  kSidecar,    // first in initContainers, restartPolicy Always
  kContainer,  // last in containers
  kWrap,       // in the workspace container's place, which becomes the inner container
};
enum class RuleAction { kDeny, kWarn, kAudit, kOff };
enum class UnknownAction { kAllow, kWarn, kDeny };

std::string_view to_string(Mode mode);
std::string_view to_string(Placement placement);
std::string_view to_string(RuleAction action);

// The RuntimeClass of CVMs where the settings name none: ours, or the one that Sysbox's installer
// makes (sysbox-runc).
std::string_view default_runtime_class_name(Mode mode);

// The host directories that a supervisor may mount, in the order of the table in README.
enum class HostPath { kUsrSrc, kLibModules, kVarRun, kVarLib };
inline constexpr std::size_t kHostPathCount = 4;

// Of a directory of the node in the supervisor.
struct HostPathSettings {
  std::string path;        // on the node
  std::string mount_path;  // in the supervisor
  std::string type;        // hostPath.type

  bool operator==(const HostPathSettings&) const = default;
};

using HostPathTable = std::array<HostPathSettings, kHostPathCount>;  // indexed by HostPath

// A node may lack the first two, which few programs need: they are made, lest its pods wait for
// ever. The others stand where nothing of the supervisor's own is.
inline const HostPathTable kDefaultHostPaths = {{
    {"/usr/src", "/usr/src", "DirectoryOrCreate"},
    {"/lib/modules", "/lib/modules", "DirectoryOrCreate"},
    {"/var/run", "/host/var/run", "Directory"},
    {"/var/lib", "/host/var/lib", "Directory"},
}};

struct EnvSetting {
  std::string name, value;

  bool operator==(const EnvSetting&) const = default;
};

struct SupervisorSettings {
  Placement placement = Placement::kSidecar;
  std::string image = "ghcr.io/coder/envbox:latest";
  std::string image_pull_policy = "IfNotPresent";
  std::vector<std::string> command = {"/envbox", "docker"};
  std::map<std::string, std::string> requests = {{"cpu", "100m"}, {"memory", "128Mi"}};
  std::map<std::string, std::string> limits;
  std::vector<EnvSetting> env;
  // Of the memory limit of a wrapped container, what the inner container does not get.
  std::string memory_reserve = "128Mi";
  bool service_account_token = false;  // the supervisor gets the pod's token
  bool tun = false;
  bool fuse = false;
  // kWrap: whether the volume that a pod names for caches also holds the supervisor's own images
  // and containers. Who can mount that volume in another pod can change what the supervisor runs.
  bool images_on_cache_volume = false;

  bool operator==(const SupervisorSettings&) const = default;
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

// The levels of the Kubernetes Pod Security Standards, each stricter than the one before.
enum class PodSecurityLevel { kPrivileged, kBaseline, kRestricted };

std::string_view to_string(PodSecurityLevel level);

// As the labels pod-security.kubernetes.io/{enforce,warn,audit} of a namespace.
struct PodSecuritySettings {
  PodSecurityLevel enforce = PodSecurityLevel::kBaseline;
  PodSecurityLevel warn = PodSecurityLevel::kPrivileged;
  PodSecurityLevel audit = PodSecurityLevel::kPrivileged;
};

// Users and groups who may do to a running CVM what is refused to others.
struct BreakGlassSettings {
  std::vector<std::string> users, groups;
};

// A volume that an injector mounts in every container of a pod.
struct AllowedMount {
  std::string path;                  // the mount path, or its beginning where it ends with "/"
  std::vector<std::string> sources;  // what the volume is: "projected", "emptyDir"...
  bool read_only = true;             // it must be mounted read-only
};

// A container that an injector adds, and what it may have beyond the Pod Security level.
struct AllowedContainer {
  std::string name;
  std::vector<std::string> images;        // how its image begins: "docker.io/istio/proxyv2:"
  std::vector<std::string> capabilities;  // that it may add
};

// What other admission webhooks may put into a CVM pod. Defaults: default_injected_settings().
struct InjectedSettings {
  std::vector<std::string> variables;        // names, in the supervisor
  std::vector<AllowedMount> mounts;          // in the supervisor
  std::vector<AllowedContainer> containers;  // next to it
};

// What Kubernetes' service account tokens, EKS and Azure workload identities, Vault's agent, Istio
// and Linkerd add (injected.cpp has the sources).
InjectedSettings default_injected_settings();

struct IsolationSettings {
  PodSecuritySettings pod_security;
  BreakGlassSettings break_glass;
  InjectedSettings injected = default_injected_settings();
  // CSI drivers whose inline volumes a CVM may use.
  std::vector<std::string> inline_csi_drivers = {"secrets-store.csi.k8s.io", "csi.cert-manager.io",
                                                 "csi.spiffe.io"};
  // What becomes of a finding that would refuse the pods of a Deployment, Job... when that is
  // created or changed; off: they are not looked at.
  RuleAction templates = RuleAction::kWarn;
};

struct Settings {
  bool enabled = true;
  bool default_to_cvm = true;
  Mode mode = Mode::kSupervised;
  bool caching = false;           // kSupervised, as autoload_shiftfs, supervisor, host_paths and
  bool autoload_shiftfs = false;  // network_cidr; has an effect with caching only
  std::string runtime_class_name = "cvm";
  LabelSelector workspace_selector;  // empty: every pod
  SupervisorSettings supervisor;
  HostPathTable host_paths = kDefaultHostPaths;
  std::string network_cidr = "172.19.0.0/30";
  GpuSettings gpu;
  NodeSettings nodes;
  Compatibility compatibility;
  IsolationSettings isolation;
  std::map<std::string, RuleAction, std::less<>> rules;  // rule id -> action; absent: its default
};

// The network of a CVM: IPv4 in CIDR notation, no host bits, prefix /30 or wider (a CVM needs two
// addresses; coder/docs, workspace providers). Returns the text itself, or what is wrong with it.
Result<std::string> check_cvm_network(std::string_view cidr);

}  // namespace cvm
