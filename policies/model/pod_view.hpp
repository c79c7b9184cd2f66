// PodView: the fields of a Pod that rules and mutations read, and no others.
//
// Every string_view points into memory that the decoder owns (the parsed AdmissionReview); every
// vector allocates from the arena given at construction. A PodView is valid for one decision.
// Absent and null fields are empty views, empty vectors, nullopt or false; the `has_` members tell
// an absent parent from an empty one where a JSON Patch must know.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/selectors.hpp"

namespace cvm {

struct ResourceFieldRef {
  std::string_view container_name;
  std::string_view resource;  // "limits.cpu"
};

struct SecretKeyRef {
  std::string_view name;
  std::string_view key;
  bool optional = false;
};

struct EnvVar {
  std::string_view name;
  std::string_view value;
  bool has_value_from = false;
  // Forms of valueFrom; of others nothing is read.
  std::optional<ResourceFieldRef> resource_field_ref;
  std::optional<SecretKeyRef> secret_key_ref;
  std::string_view field_path;  // of a fieldRef: "metadata.name"; empty: none
};

// All keys of a Secret or a ConfigMap as variables.
struct EnvFromSource {
  std::string_view prefix;  // of their names
};

struct VolumeMount {
  std::string_view name;
  std::string_view mount_path;
  std::string_view sub_path;
  std::string_view sub_path_expr;
  std::string_view mount_propagation;
  std::string_view recursive_read_only;
  bool read_only = false;
};

struct SecurityProfile {
  std::string_view type;               // "RuntimeDefault", "Unconfined", "Localhost"...
  std::string_view localhost_profile;  // with Localhost
};
using SeccompProfile = SecurityProfile;
using AppArmorProfile = SecurityProfile;

struct SeLinuxOptions {
  std::string_view user, role, type, level;
};

// What a pod's and a container's securityContext have in common.
struct CommonSecurityContext {
  bool present = false;
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::optional<SeccompProfile> seccomp_profile;
  std::optional<AppArmorProfile> app_armor_profile;
  std::optional<SeLinuxOptions> se_linux_options;
  std::optional<bool> windows_host_process;  // windowsOptions.hostProcess
};

struct PodSecurityContext : CommonSecurityContext {
  KeyValues sysctls;  // name -> value
  std::optional<std::int64_t> fs_group;
  bool has_supplemental_groups = false;  // supplementalGroups is not empty

  explicit PodSecurityContext(Arena* arena) : sysctls(arena) {}
};

struct SecurityContext : CommonSecurityContext {
  std::optional<bool> privileged;
  std::optional<bool> allow_privilege_escalation;
  std::pmr::vector<std::string_view> added_capabilities;    // capabilities.add
  std::pmr::vector<std::string_view> dropped_capabilities;  // capabilities.drop
  std::string_view proc_mount;
  // Names of the fields that are present besides those that a supervisor has: privileged,
  // runAsUser, runAsGroup, runAsNonRoot.
  std::pmr::vector<std::string_view> other_fields;

  explicit SecurityContext(Arena* arena)
      : added_capabilities(arena), dropped_capabilities(arena), other_fields(arena) {}
};

struct ContainerPort {
  std::string_view name;
  std::optional<std::int64_t> container_port, host_port;
};

// A probe or a hook: what the kubelet does for it.
struct LifecycleAction {
  enum class Kind { kNone, kExec, kHttpGet, kTcpSocket, kGrpc, kSleep };

  std::string_view where;  // "livenessProbe", "lifecycle.preStop"; static storage
  Kind kind = Kind::kNone;
  std::pmr::vector<std::string_view> command;  // kExec
  std::string_view scheme;                     // kHttpGet, as written: "HTTP", "HTTPS" or empty
  std::string_view host;                       // kHttpGet, kTcpSocket: whom the kubelet connects to
  std::string_view port;                       // of both: a number, or a port's name
  std::string_view path;                       // kHttpGet
  bool has_http_headers = false;
  std::optional<std::int64_t> timeout_seconds;

  explicit LifecycleAction(Arena* arena) : command(arena) {}
};

// The key of an action in a probe or a hook: "exec", "httpGet"; empty for kNone.
std::string_view to_string(LifecycleAction::Kind kind);

// lifecycle.stopSignal among Container::other_fields.
inline constexpr std::string_view kStopSignalField = "lifecycle.stopSignal";

enum class ContainerKind { kInit, kRegular, kEphemeral };

struct Container {
  ContainerKind kind = ContainerKind::kRegular;
  std::size_t index = 0;  // in its list
  std::string_view name;
  std::string_view image;
  std::string_view image_pull_policy;
  std::string_view working_dir;
  std::string_view restart_policy;         // "Always" on an init container: a sidecar container
  std::string_view target_container_name;  // ephemeral containers only
  std::string_view termination_message_path;
  std::pmr::vector<std::string_view> command;
  std::pmr::vector<std::string_view> args;
  std::pmr::vector<EnvVar> env;
  std::pmr::vector<EnvFromSource> env_from;
  KeyValues requests;  // resource name -> quantity as written
  KeyValues limits;
  std::pmr::vector<VolumeMount> volume_mounts;
  std::pmr::vector<ContainerPort> ports;
  std::pmr::vector<LifecycleAction> lifecycle_actions;  // those that are there, each once
  SecurityContext security_context;
  // Names of the fields that are present and that no supervisor has (envFrom, ports, lifecycle...;
  // of resources: "resources.claims"), so that an exact comparison can refuse what it does not
  // know.
  std::pmr::vector<std::string_view> other_fields;

  explicit Container(Arena* arena)
      : command(arena),
        args(arena),
        env(arena),
        env_from(arena),
        requests(arena),
        limits(arena),
        volume_mounts(arena),
        ports(arena),
        lifecycle_actions(arena),
        security_context(arena),
        other_fields(arena) {}
};

struct Volume {
  std::string_view name;
  std::string_view source;          // the source's key: "hostPath", "emptyDir"...; empty when none
  std::string_view host_path;       // hostPath only
  std::string_view host_path_type;  // hostPath only
  std::string_view claim_name;      // persistentVolumeClaim only
  std::string_view csi_driver;      // csi only: an inline volume
  bool read_only = false;           // readOnly of persistentVolumeClaim, csi and nfs
};

// Whether the kubelet mounts the volume read-only, whatever a mount says of it.
bool is_mounted_read_only(const Volume& volume);

struct PodView {
  // metadata
  std::string_view name;           // empty for a pod that is made from generateName
  std::string_view generate_name;  // "web-7d9f-"
  std::string_view namespace_;     // may be empty: the request's namespace counts
  KeyValues labels;
  KeyValues annotations;
  bool has_annotations = false;

  // spec
  std::string_view runtime_class_name;
  std::string_view node_name;
  std::string_view hostname;
  std::string_view os_name;  // spec.os.name
  KeyValues node_selector;
  bool has_affinity = false;       // spec.affinity is there
  bool has_node_affinity = false;  // spec.affinity.nodeAffinity
  std::optional<std::pmr::vector<NodeSelectorTerm>> required_node_affinity;
  std::pmr::vector<Toleration> tolerations;
  bool host_network = false;
  bool host_pid = false;
  bool host_ipc = false;
  bool share_process_namespace = false;
  std::optional<bool> host_users;
  PodSecurityContext security_context;
  std::pmr::vector<std::string_view> image_pull_secrets;  // names
  bool has_resource_claims = false;                       // spec.resourceClaims is not empty
  bool has_host_aliases = false;                          // spec.hostAliases is not empty
  std::pmr::vector<Container> init_containers;
  std::pmr::vector<Container> containers;
  std::pmr::vector<Container> ephemeral_containers;
  std::pmr::vector<Volume> volumes;
  bool has_init_containers = false;
  bool has_volumes = false;

  explicit PodView(Arena* arena)
      : labels(arena),
        annotations(arena),
        node_selector(arena),
        tolerations(arena),
        security_context(arena),
        image_pull_secrets(arena),
        init_containers(arena),
        containers(arena),
        ephemeral_containers(arena),
        volumes(arena) {}

  // Calls visit(const Container&) for init, regular and ephemeral containers, in that order.
  template <typename Visit>
  void for_each_container(Visit&& visit) const {
    for (const Container& container : init_containers) visit(container);
    for (const Container& container : containers) visit(container);
    for (const Container& container : ephemeral_containers) visit(container);
  }
};

// The volume of that name; null: there is none.
const Volume* find_volume(const PodView& pod, std::string_view name);

// The PersistentVolumeClaim that the volume is of, also the one that is made for the pod alone
// (Kubernetes, "Ephemeral Volumes"); empty: none.
std::string claim_of(const Volume& volume, const PodView& pod);

// "spec.initContainers[0]", "spec.containers[2]"...: where a container stands, for findings.
std::string field_path(const Container& container);

}  // namespace cvm
