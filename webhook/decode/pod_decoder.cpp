#include "webhook/decode/pod_decoder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "webhook/decode/container_decoder.hpp"
#include "webhook/decode/security_decoder.hpp"
#include "webhook/decode/volume_decoder.hpp"

namespace cvm::webhook {
namespace {

using Metadata = PartOf<PodView, struct MetadataSection>;
using Spec = PartOf<PodView, struct SpecSection>;
using PodOs = PartOf<PodView, struct PodOsSection>;
using Affinity = PartOf<PodView, struct AffinitySection>;
using NodeAffinity = PartOf<PodView, struct NodeAffinitySection>;
using NodeSelector = PartOf<PodView, struct NodeSelectorSection>;

// Both halves must be there: the API server always writes them, and a patch needs their parents.
struct PodObject {
  PodView& pod;
  bool has_metadata = false;
  bool has_spec = false;
};

bool read_selector_operator(JsonReader& reader, JsonValue value, const JsonPath& path,
                            NodeSelectorRequirement& out) {
  using Entry = std::pair<std::string_view, SelectorOperator>;
  static constexpr std::array<Entry, 6> kOperators = {
      Entry{"In", SelectorOperator::kIn},    {"NotIn", SelectorOperator::kNotIn},
      {"Exists", SelectorOperator::kExists}, {"DoesNotExist", SelectorOperator::kDoesNotExist},
      {"Gt", SelectorOperator::kGt},         {"Lt", SelectorOperator::kLt},
  };
  std::string_view text;
  if (!reader.read(value, path, text)) return false;
  const auto* const found = std::find_if(kOperators.begin(), kOperators.end(),
                                         [&](const Entry& entry) { return entry.first == text; });
  if (found == kOperators.end()) {
    return reader.wrong_value(path, "one of In, NotIn, Exists, DoesNotExist, Gt, Lt", text);
  }
  out.op = found->second;
  return true;
}

bool read_annotations(JsonReader& reader, JsonValue value, const JsonPath& path, Metadata& out) {
  out.whole.has_annotations = true;
  return reader.read(value, path, out.whole.annotations);
}

template <auto List, ContainerKind Kind>
bool read_container_list(JsonReader& reader, JsonValue value, const JsonPath& path, Spec& out) {
  return read_containers(reader, value, path, Kind, out.whole.*List);
}

bool read_init_containers(JsonReader& reader, JsonValue value, const JsonPath& path, Spec& out) {
  out.whole.has_init_containers = true;
  return read_containers(reader, value, path, ContainerKind::kInit, out.whole.init_containers);
}

// Of a list, only whether it has anything in it.
bool read_has_any(JsonReader& reader, JsonValue value, const JsonPath& path, bool& out) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return reader.wrong_type(path, "an array", value);
  out = list.begin() != list.end();
  return true;
}

template <bool PodView::* kMember>
bool read_has_any(JsonReader& reader, JsonValue value, const JsonPath& path, Spec& out) {
  return read_has_any(reader, value, path, out.whole.*kMember);
}

// A reference to an object of the pod's namespace.
struct LocalReference {
  std::string_view name;
};

}  // namespace

template <>
struct JsonSchema<LocalReference> {
  static constexpr JsonField<LocalReference> kFields[] = {
      {"name", read_member<&LocalReference::name>}};
};

static bool read_pull_secrets(JsonReader& reader, JsonValue value, const JsonPath& path,
                              Spec& out) {
  auto& names = out.whole.image_pull_secrets;
  std::pmr::vector<LocalReference> references(names.get_allocator());
  if (!reader.read(value, path, references)) return false;
  for (const LocalReference& reference : references) names.push_back(reference.name);
  return true;
}

static bool read_volumes(JsonReader& reader, JsonValue value, const JsonPath& path, Spec& out) {
  out.whole.has_volumes = true;
  return reader.read(value, path, out.whole.volumes);
}

template <>
struct JsonSchema<NodeSelectorRequirement> {
  static constexpr JsonField<NodeSelectorRequirement> kFields[] = {
      {"key", read_member<&NodeSelectorRequirement::key>},
      {"operator", read_selector_operator},
      {"values", read_member<&NodeSelectorRequirement::values>},
  };
};

template <>
struct JsonSchema<NodeSelectorTerm> {
  static constexpr JsonField<NodeSelectorTerm> kFields[] = {
      {"matchExpressions", read_member<&NodeSelectorTerm::match_expressions>},
      {"matchFields", read_member<&NodeSelectorTerm::match_fields>},
  };
};

static bool read_selector_terms(JsonReader& reader, JsonValue value, const JsonPath& path,
                                NodeSelector& out) {
  return reader.read(value, path, *out.whole.required_node_affinity);
}

template <>
struct JsonSchema<NodeSelector> {
  static constexpr JsonField<NodeSelector> kFields[] = {{"nodeSelectorTerms", read_selector_terms}};
};

static bool read_required_affinity(JsonReader& reader, JsonValue value, const JsonPath& path,
                                   NodeAffinity& out) {
  out.whole.required_node_affinity.emplace(reader.arena());
  NodeSelector selector{out.whole};
  return reader.read_object(value, path, selector);
}

template <>
struct JsonSchema<NodeAffinity> {
  static constexpr JsonField<NodeAffinity> kFields[] = {
      {"requiredDuringSchedulingIgnoredDuringExecution", read_required_affinity}};
};

static bool read_node_affinity(JsonReader& reader, JsonValue value, const JsonPath& path,
                               Affinity& out) {
  out.whole.has_node_affinity = true;
  return read_inner<NodeAffinity>(reader, value, path, out);
}

template <>
struct JsonSchema<Affinity> {
  static constexpr JsonField<Affinity> kFields[] = {{"nodeAffinity", read_node_affinity}};
};

static bool read_affinity(JsonReader& reader, JsonValue value, const JsonPath& path, Spec& out) {
  out.whole.has_affinity = true;
  return read_inner<Affinity>(reader, value, path, out);
}

template <>
struct JsonSchema<Toleration> {
  static constexpr JsonField<Toleration> kFields[] = {
      {"key", read_member<&Toleration::key>},
      {"operator", read_member<&Toleration::op>},
      {"value", read_member<&Toleration::value>},
      {"effect", read_member<&Toleration::effect>},
  };
};

template <>
struct JsonSchema<KeyValue> {
  static constexpr JsonField<KeyValue> kFields[] = {
      {"name", read_member<&KeyValue::key>},
      {"value", read_member<&KeyValue::value>},
  };
};

static bool read_sysctls(JsonReader& reader, JsonValue value, const JsonPath& path,
                         PodSecurityContext& out) {
  return reader.read(value, path, static_cast<std::pmr::vector<KeyValue>&>(out.sysctls));
}

template <>
struct JsonSchema<PodSecurityContext> {
  using Type = PodSecurityContext;
  static constexpr JsonField<Type> kFields[] = {
      {"runAsUser", read_member<&Type::run_as_user>},
      {"runAsGroup", read_member<&Type::run_as_group>},
      {"runAsNonRoot", read_member<&Type::run_as_non_root>},
      {"seccompProfile", read_seccomp_profile<Type>},
      {"appArmorProfile", read_app_armor_profile<Type>},
      {"seLinuxOptions", read_se_linux_options<Type>},
      {"windowsOptions", read_windows_options<Type>},
      {"sysctls", read_sysctls},
      {"fsGroup", read_member<&Type::fs_group>},
      {"supplementalGroups",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, Type& out) {
         return read_has_any(reader, value, path, out.has_supplemental_groups);
       }},
  };
};

static bool read_pod_security_context(JsonReader& reader, JsonValue value, const JsonPath& path,
                                      Spec& out) {
  out.whole.security_context.present = true;
  return reader.read_object(value, path, out.whole.security_context);
}

template <>
struct JsonSchema<PodOs> {
  static constexpr JsonField<PodOs> kFields[] = {{"name", read_flat<&PodView::os_name>}};
};

template <>
struct JsonSchema<Spec> {
  static constexpr JsonField<Spec> kFields[] = {
      {"containers", read_container_list<&PodView::containers, ContainerKind::kRegular>},
      {"initContainers", read_init_containers},
      {"ephemeralContainers",
       read_container_list<&PodView::ephemeral_containers, ContainerKind::kEphemeral>},
      {"volumes", read_volumes},
      {"runtimeClassName", read_flat<&PodView::runtime_class_name>},
      {"nodeName", read_flat<&PodView::node_name>},
      {"hostname", read_flat<&PodView::hostname>},
      {"os", read_inner<PodOs>},
      {"nodeSelector", read_flat<&PodView::node_selector>},
      {"affinity", read_affinity},
      {"tolerations", read_flat<&PodView::tolerations>},
      {"hostNetwork", read_flat<&PodView::host_network>},
      {"hostPID", read_flat<&PodView::host_pid>},
      {"hostIPC", read_flat<&PodView::host_ipc>},
      {"shareProcessNamespace", read_flat<&PodView::share_process_namespace>},
      {"hostUsers", read_flat<&PodView::host_users>},
      {"securityContext", read_pod_security_context},
      {"resourceClaims", read_has_any<&PodView::has_resource_claims>},
      {"hostAliases", read_has_any<&PodView::has_host_aliases>},
      {"imagePullSecrets", read_pull_secrets},
  };
};

template <>
struct JsonSchema<Metadata> {
  static constexpr JsonField<Metadata> kFields[] = {
      {"name", read_flat<&PodView::name>},
      {"generateName", read_flat<&PodView::generate_name>},
      {"namespace", read_flat<&PodView::namespace_>},
      {"labels", read_flat<&PodView::labels>},
      {"annotations", read_annotations},
  };
};

template <>
struct JsonSchema<PodObject> {
  static constexpr JsonField<PodObject> kFields[] = {
      {"metadata",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, PodObject& out) {
         out.has_metadata = true;
         Metadata metadata{out.pod};
         return reader.read_object(value, path, metadata);
       }},
      {"spec",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, PodObject& out) {
         out.has_spec = true;
         Spec spec{out.pod};
         return reader.read_object(value, path, spec);
       }},
  };
};

bool read_pod_template(JsonReader& reader, JsonValue value, const JsonPath& path, PodView& out) {
  PodObject object{out};
  if (!reader.read_object(value, path, object)) return false;
  return object.has_spec || reader.missing(path.field("spec"), "an object");
}

bool read_pod(JsonReader& reader, JsonValue value, const JsonPath& path, PodView& out) {
  PodObject object{out};
  if (!reader.read_object(value, path, object)) return false;
  if (!object.has_metadata) return reader.missing(path.field("metadata"), "an object");
  if (!object.has_spec) return reader.missing(path.field("spec"), "an object");
  return true;
}

}  // namespace cvm::webhook
