#include "webhook/decode/container_decoder.hpp"

#include "webhook/decode/lifecycle_decoder.hpp"
#include "webhook/decode/security_decoder.hpp"

namespace cvm::webhook {
namespace {

using Resources = PartOf<Container, struct ResourcesSection>;
using ValueFrom = PartOf<EnvVar, struct ValueFromSection>;
using Capabilities = PartOf<SecurityContext, struct CapabilitiesSection>;

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

bool read_capabilities(JsonReader& reader, JsonValue value, const JsonPath& path,
                       SecurityContext& out) {
  Capabilities capabilities{out};
  return reader.read_object(value, path, capabilities);
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
struct JsonSchema<SecretKeyRef> {
  static constexpr JsonField<SecretKeyRef> kFields[] = {
      {"name", read_member<&SecretKeyRef::name>},
      {"key", read_member<&SecretKeyRef::key>},
      {"optional", read_member<&SecretKeyRef::optional>},
  };
};

static bool read_secret_key(JsonReader& reader, JsonValue value, const JsonPath& path,
                            ValueFrom& out) {
  return reader.read_object(value, path, out.whole.secret_key_ref.emplace());
}

// A fieldRef of another version than the only one there is counts as one that is not known.
struct FieldRef {
  std::string_view api_version, field_path;
};

template <>
struct JsonSchema<FieldRef> {
  static constexpr JsonField<FieldRef> kFields[] = {
      {"apiVersion", read_member<&FieldRef::api_version>},
      {"fieldPath", read_member<&FieldRef::field_path>},
  };
};

static bool read_field_ref(JsonReader& reader, JsonValue value, const JsonPath& path,
                           ValueFrom& out) {
  FieldRef field;
  if (!reader.read_object(value, path, field)) return false;
  if (field.api_version.empty() || field.api_version == "v1") {
    out.whole.field_path = field.field_path;
  }
  return true;
}

template <>
struct JsonSchema<ValueFrom> {
  static constexpr JsonField<ValueFrom> kFields[] = {
      {"fieldRef", read_field_ref},
      {"resourceFieldRef", read_resource_field},
      {"secretKeyRef", read_secret_key},
  };
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

// Table entry for a field that is read, and is noted as one that no supervisor has.
template <FieldName kName, auto kRead, typename T>
static bool read_noted(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  out.other_fields.push_back(kName.view());
  return kRead(reader, value, path, out);
}

template <>
struct JsonSchema<Capabilities> {
  static constexpr JsonField<Capabilities> kFields[] = {
      {"add", read_flat<&SecurityContext::added_capabilities>},
      {"drop", read_flat<&SecurityContext::dropped_capabilities>},
  };
};

template <>
struct JsonSchema<SecurityContext> {
  using Type = SecurityContext;
  static constexpr JsonField<Type> kFields[] = {
      {"privileged", read_member<&Type::privileged>},
      {"runAsUser", read_member<&Type::run_as_user>},
      {"runAsGroup", read_member<&Type::run_as_group>},
      {"runAsNonRoot", read_member<&Type::run_as_non_root>},
      {"allowPrivilegeEscalation",
       read_noted<"allowPrivilegeEscalation",
                  read_member<&Type::allow_privilege_escalation, Type>>},
      {"capabilities", read_noted<"capabilities", read_capabilities>},
      {"procMount", read_noted<"procMount", read_member<&Type::proc_mount, Type>>},
      {"seccompProfile", read_noted<"seccompProfile", read_seccomp_profile<Type>>},
      {"appArmorProfile", read_noted<"appArmorProfile", read_app_armor_profile<Type>>},
      {"seLinuxOptions", read_noted<"seLinuxOptions", read_se_linux_options<Type>>},
      {"windowsOptions", read_noted<"windowsOptions", read_windows_options<Type>>},
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
struct JsonSchema<EnvFromSource> {
  static constexpr JsonField<EnvFromSource> kFields[] = {
      {"prefix", read_member<&EnvFromSource::prefix>}};
};

template <>
struct JsonSchema<ContainerPort> {
  static constexpr JsonField<ContainerPort> kFields[] = {
      {"name", read_member<&ContainerPort::name>},
      {"containerPort", read_member<&ContainerPort::container_port>},
      {"hostPort", read_member<&ContainerPort::host_port>},
  };
};

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
      {"ports", read_noted<"ports", read_member<&Container::ports, Container>>},
      {"livenessProbe",
       read_noted<"livenessProbe", read_lifecycle_action<"livenessProbe", Container>>},
      {"readinessProbe",
       read_noted<"readinessProbe", read_lifecycle_action<"readinessProbe", Container>>},
      {"startupProbe",
       read_noted<"startupProbe", read_lifecycle_action<"startupProbe", Container>>},
      {"lifecycle", read_noted<"lifecycle", read_lifecycle>},
      {"envFrom", read_noted<"envFrom", read_member<&Container::env_from, Container>>},
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
