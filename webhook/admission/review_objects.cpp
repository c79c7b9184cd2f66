#include "webhook/admission/review_objects.hpp"

#include <algorithm>
#include <array>

#include "webhook/decode/pod_decoder.hpp"

namespace cvm::webhook {
namespace {

// Kinds that pods are made by, and where their pod template is: up to three members deep.
struct TemplateKind {
  std::string_view group, kind, path;
};

constexpr std::array<TemplateKind, 8> kTemplateKinds = {{
    {"apps", "Deployment", "spec.template"},
    {"apps", "StatefulSet", "spec.template"},
    {"apps", "DaemonSet", "spec.template"},
    {"apps", "ReplicaSet", "spec.template"},
    {"batch", "Job", "spec.template"},
    {"batch", "CronJob", "spec.jobTemplate.spec.template"},
    {"", "PodTemplate", "template"},
    {"", "ReplicationController", "spec.template"},
}};

const TemplateKind* template_kind(const GroupVersionKind& kind) {
  const auto* const found =
      std::find_if(kTemplateKinds.begin(), kTemplateKinds.end(), [&kind](const TemplateKind& one) {
        return one.group == kind.group && one.kind == kind.kind && kind.version == "v1";
      });
  return found == kTemplateKinds.end() ? nullptr : found;
}

// Reads what stands at `where` below `value`. A member that is absent has no template: true.
bool read_template(JsonReader& reader, JsonValue value, const JsonPath& path,
                   std::string_view where, PodView& out, bool& is_there) {
  const std::string_view name = where.substr(0, where.find('.'));
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return reader.wrong_type(path, "an object", value);
  JsonValue member;
  const JsonPath member_path = path.field(name);
  if (object[name].get(member) != simdjson::SUCCESS || member.is_null()) return true;
  if (name.size() < where.size()) {
    return read_template(reader, member, member_path, where.substr(name.size() + 1), out, is_there);
  }
  is_there = true;
  return read_pod_template(reader, member, member_path, out);
}

// "dev" of "dev", "dev:8080" and "https:dev:8080": pods/proxy is asked for with scheme and port
// (k8s.io/apimachinery, SplitSchemeNamePort).
std::string_view proxied_pod(std::string_view name) {
  const std::size_t first = name.find(':');
  if (first == std::string_view::npos) return name;
  const std::size_t second = name.find(':', first + 1);
  return second == std::string_view::npos ? name.substr(0, first)
                                          : name.substr(first + 1, second - first - 1);
}

// The fields that are read of an exec's or attach's options, of a Binding and of a Namespace.
struct ConnectOptions {
  std::string_view container;
};
struct BindingTarget {
  std::string_view name;
};
struct BindingMetadata {
  std::string_view uid;
  KeyValues& labels;
  KeyValues& annotations;
};
struct Binding {
  BindingTarget target;
  BindingMetadata metadata;
};
struct NamespaceMetadata {
  KeyValues& labels;
};
struct Namespace {
  NamespaceMetadata metadata;
};

}  // namespace

template <>
struct JsonSchema<ConnectOptions> {
  static constexpr JsonField<ConnectOptions> kFields[] = {
      {"container", read_member<&ConnectOptions::container>}};
};

template <>
struct JsonSchema<BindingTarget> {
  static constexpr JsonField<BindingTarget> kFields[] = {
      {"name", read_member<&BindingTarget::name>}};
};

template <>
struct JsonSchema<BindingMetadata> {
  static constexpr JsonField<BindingMetadata> kFields[] = {
      {"uid", read_member<&BindingMetadata::uid>},
      {"labels", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                    BindingMetadata& out) { return reader.read(value, path, out.labels); }},
      {"annotations",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, BindingMetadata& out) {
         return reader.read(value, path, out.annotations);
       }},
  };
};

template <>
struct JsonSchema<Binding> {
  static constexpr JsonField<Binding> kFields[] = {
      {"target", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                    Binding& out) { return reader.read_object(value, path, out.target); }},
      {"metadata", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                      Binding& out) { return reader.read_object(value, path, out.metadata); }},
  };
};

template <>
struct JsonSchema<NamespaceMetadata> {
  static constexpr JsonField<NamespaceMetadata> kFields[] = {
      {"labels", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                    NamespaceMetadata& out) { return reader.read(value, path, out.labels); }}};
};

template <>
struct JsonSchema<Namespace> {
  static constexpr JsonField<Namespace> kFields[] = {
      {"metadata", [](JsonReader& reader, JsonValue value, const JsonPath& path, Namespace& out) {
         return reader.read_object(value, path, out.metadata);
       }}};
};

template <typename Read>
bool ReviewObjects::read_pods(const JsonPath& path, const std::optional<JsonValue>& object,
                              const std::optional<JsonValue>& old_object, const PodView*& pod,
                              const PodView*& old_pod, Read read) {
  bool is_there = false;
  if (object) {
    if (!read(*object, path.field("object"), pod_.emplace(arena_), is_there)) return false;
    if (is_there) pod = &*pod_;
  }
  is_there = false;
  if (old_object) {
    if (!read(*old_object, path.field("oldObject"), old_pod_.emplace(arena_), is_there)) {
      return false;
    }
    if (is_there) old_pod = &*old_pod_;
  }
  return true;
}

bool ReviewObjects::read_namespaces(JsonReader& reader, const JsonPath& path,
                                    const std::optional<JsonValue>& object,
                                    const std::optional<JsonValue>& old_object,
                                    AdmissionRequest& out) {
  const auto read = [&](const std::optional<JsonValue>& value, const JsonPath& where,
                        std::optional<KeyValues>& labels, const KeyValues*& view) {
    if (!value) return true;
    Namespace read_into{{labels.emplace(arena_)}};
    view = &*labels;
    return reader.read_object(*value, where, read_into);
  };
  return read(object, path.field("object"), labels_, out.namespace_labels) &&
         read(old_object, path.field("oldObject"), old_labels_, out.old_namespace_labels);
}

bool ReviewObjects::read(JsonReader& reader, const JsonPath& path,
                         const std::optional<JsonValue>& object,
                         const std::optional<JsonValue>& old_object, AdmissionRequest& out) {
  if (const TemplateKind* kind = template_kind(out.kind)) {
    out.template_path = kind->path;
    return read_pods(path, object, old_object, out.pod_template, out.old_pod_template,
                     [&](JsonValue value, const JsonPath& where, PodView& pod, bool& is_there) {
                       return read_template(reader, value, where, kind->path, pod, is_there);
                     });
  }
  if (!out.kind.group.empty() || out.kind.version != "v1") return true;
  const std::string_view kind = out.kind.kind;
  if (kind == "Pod") {
    const bool needs_pod =
        out.operation == Operation::kCreate || out.operation == Operation::kUpdate;
    if (!object && needs_pod) return reader.missing(path.field("object"), "a Pod");
    return read_pods(path, object, old_object, out.pod, out.old_pod,
                     [&](JsonValue value, const JsonPath& where, PodView& pod, bool& is_there) {
                       is_there = true;
                       return read_pod(reader, value, where, pod);
                     });
  }
  if (out.operation == Operation::kConnect && out.subresource == "proxy") {
    out.name = proxied_pod(out.name);
  }
  if (kind == "Namespace") return read_namespaces(reader, path, object, old_object, out);
  if (!object) return true;
  if (kind == "PodExecOptions" || kind == "PodAttachOptions") {
    ConnectOptions options;
    if (!reader.read_object(*object, path.field("object"), options)) return false;
    out.connect_container = options.container;
  } else if (kind == "Binding") {
    Binding binding{.target = {},
                    .metadata = {{}, labels_.emplace(arena_), annotations_.emplace(arena_)}};
    if (!reader.read_object(*object, path.field("object"), binding)) return false;
    out.binding_node = binding.target.name;
    out.binding_uid = binding.metadata.uid;
    out.binding_labels = &*labels_;
    out.binding_annotations = &*annotations_;
  }
  return true;
}

}  // namespace cvm::webhook
