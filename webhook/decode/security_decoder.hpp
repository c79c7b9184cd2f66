// How the fields are read that a pod's and a container's securityContext have in common.
#pragma once

#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

template <>
struct JsonSchema<SecurityProfile> {
  static constexpr JsonField<SecurityProfile> kFields[] = {
      {"type", read_member<&SecurityProfile::type>},
      {"localhostProfile", read_member<&SecurityProfile::localhost_profile>},
  };
};

template <>
struct JsonSchema<SeLinuxOptions> {
  static constexpr JsonField<SeLinuxOptions> kFields[] = {
      {"user", read_member<&SeLinuxOptions::user>},
      {"role", read_member<&SeLinuxOptions::role>},
      {"type", read_member<&SeLinuxOptions::type>},
      {"level", read_member<&SeLinuxOptions::level>},
  };
};

struct WindowsOptions {
  std::optional<bool> host_process;
};

template <>
struct JsonSchema<WindowsOptions> {
  static constexpr JsonField<WindowsOptions> kFields[] = {
      {"hostProcess", read_member<&WindowsOptions::host_process>}};
};

// Table entries for structs that derive from CommonSecurityContext.

template <typename T>
bool read_seccomp_profile(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  return reader.read_object(value, path, out.seccomp_profile.emplace());
}

template <typename T>
bool read_app_armor_profile(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  return reader.read_object(value, path, out.app_armor_profile.emplace());
}

template <typename T>
bool read_se_linux_options(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  return reader.read_object(value, path, out.se_linux_options.emplace());
}

template <typename T>
bool read_windows_options(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  WindowsOptions options;
  if (!reader.read_object(value, path, options)) return false;
  out.windows_host_process = options.host_process;
  return true;
}

}  // namespace cvm::webhook
