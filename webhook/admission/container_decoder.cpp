#include "webhook/admission/container_decoder.hpp"

namespace cvm::webhook {
namespace {

using Resources = PartOf<Container, struct ResourcesSection>;
using ValueFrom = PartOf<EnvVar, struct ValueFromSection>;

// resourceFieldRef with its divisor, which Container does not model.
struct ScaledResource {
  ResourceFieldRef ref;
  bool scaled = false;
};

bool read_divisor(JsonReader& reader, JsonValue value, const JsonPath& path, ScaledResource& out) {
  std::string_view text;
  if (!reader.read_quantity(value, path, text)) return false;
  out.scaled = !text.empty() && text != "0" && text != "1";
  return true;
}

template <auto Member>
bool read_quantities(JsonReader& reader, JsonValue value, const JsonPath& path, Resources& out) {
  return reader.read_quantities(value, path, out.whole.*Member);
}

}  // namespace

template <>
struct JsonSchema<ScaledResource> {
  static constexpr JsonField<ScaledResource> kFields[] = {
      {"containerName",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, ScaledResource& out) {
         return reader.read(value, path, out.ref.container_name);
       }},
      {"resource", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                      ScaledResource& out) { return reader.read(value, path, out.ref.resource); }},
      {"divisor", read_divisor},
  };
};

static bool read_resource_field(JsonReader& reader, JsonValue value, const JsonPath& path,
                                ValueFrom& out) {
  ScaledResource resource;
  if (!reader.read_object(value, path, resource)) return false;
  if (!resource.scaled) out.whole.resource_field_ref = resource.ref;
  return true;
}

template <>
struct JsonSchema<ValueFrom> {
  static constexpr JsonField<ValueFrom> kFields[] = {{"resourceFieldRef", read_resource_field}};
};

static bool read_value_from(JsonReader& reader, JsonValue value, const JsonPath& path,
                            EnvVar& out) {
  out.has_value_from = true;
  ValueFrom source{out};
  return reader.read_object(value, path, source);
}

template <>
struct JsonSchema<EnvVar> {
  static constexpr JsonField<EnvVar> kFields[] = {
      {"name", read_member<&EnvVar::name>},
      {"value", read_member<&EnvVar::value>},
      {"valueFrom", read_value_from},
  };
};

template <>
struct JsonSchema<VolumeMount> {
  static constexpr JsonField<VolumeMount> kFields[] = {
      {"name", read_member<&VolumeMount::name>},
      {"mountPath", read_member<&VolumeMount::mount_path>},
      {"readOnly", read_member<&VolumeMount::read_only>},
      {"subPath", read_member<&VolumeMount::sub_path>},
      {"subPathExpr", read_member<&VolumeMount::sub_path_expr>},
      {"mountPropagation", read_member<&VolumeMount::mount_propagation>},
      {"recursiveReadOnly", read_member<&VolumeMount::recursive_read_only>},
  };
};

template <>
struct JsonSchema<SecurityContext> {
  static constexpr JsonField<SecurityContext> kFields[] = {
      {"privileged", read_member<&SecurityContext::privileged>},
      {"runAsUser", read_member<&SecurityContext::run_as_user>},
      {"runAsGroup", read_member<&SecurityContext::run_as_group>},
      {"runAsNonRoot", read_member<&SecurityContext::run_as_non_root>},
  };
  static void other(std::string_view key, JsonValue, SecurityContext& out) {
    out.other_fields.push_back(key);
  }
};

static bool read_security_context(JsonReader& reader, JsonValue value, const JsonPath& path,
                                  Container& out) {
  out.security_context.present = true;
  return reader.read_object(value, path, out.security_context);
}

template <>
struct JsonSchema<Resources> {
  static constexpr JsonField<Resources> kFields[] = {
      {"requests", read_quantities<&Container::requests>},
      {"limits", read_quantities<&Container::limits>},
  };
  static void other(std::string_view key, JsonValue, Resources& out) {
    out.whole.other_fields.push_back(key == "claims" ? std::string_view("resources.claims") : key);
  }
};

static bool read_resources(JsonReader& reader, JsonValue value, const JsonPath& path,
                           Container& out) {
  Resources resources{out};
  return reader.read_object(value, path, resources);
}

template <>
struct JsonSchema<Container> {
  static constexpr JsonField<Container> kFields[] = {
      {"name", read_member<&Container::name>},
      {"image", read_member<&Container::image>},
      {"imagePullPolicy", read_member<&Container::image_pull_policy>},
      {"workingDir", read_member<&Container::working_dir>},
      {"terminationMessagePath", read_member<&Container::termination_message_path>},
      {"restartPolicy", read_member<&Container::restart_policy>},
      {"targetContainerName", read_member<&Container::target_container_name>},
      {"command", read_member<&Container::command>},
      {"args", read_member<&Container::args>},
      {"env", read_member<&Container::env>},
      {"resources", read_resources},
      {"volumeMounts", read_member<&Container::volume_mounts>},
      {"securityContext", read_security_context},
  };
  static void other(std::string_view key, JsonValue, Container& out) {
    out.other_fields.push_back(key);
  }
};

bool read_containers(JsonReader& reader, JsonValue value, const JsonPath& path, ContainerKind kind,
                     std::pmr::vector<Container>& out) {
  if (!reader.read(value, path, out)) return false;
  for (std::size_t index = 0; index < out.size(); ++index) {
    out[index].kind = kind;
    out[index].index = index;
  }
  return true;
}

}  // namespace cvm::webhook
