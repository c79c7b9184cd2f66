#include "policies/mutations/supervisor_variables.hpp"

#include "policies/model/json_text.hpp"
#include "policies/model/text_hash.hpp"

namespace cvm {

namespace {

using Source = SupervisorVariable::Source;

constexpr std::size_t kLongestHostname = 63;

// Whether `found` is `text` with each $ doubled.
bool equals_doubling_dollars(std::string_view found, std::string_view text) {
  for (char character : text) {
    const std::size_t length = character == '$' ? 2 : 1;
    if (found.size() < length || found[0] != character || found[length - 1] != character) {
      return false;
    }
    found.remove_prefix(length);
  }
  return found.empty();
}

void append_source(std::string& out, const SupervisorVariable& variable) {
  if (variable.source == Source::kResource) {
    out += R"("valueFrom":{"resourceFieldRef":{)";
    append_json_member(out, "containerName", variable.value);
    append_json_member(out, "resource", variable.key);
    out += "}}";
  } else if (variable.source == Source::kField) {
    out += R"("valueFrom":{"fieldRef":{)";
    append_json_member(out, "fieldPath", variable.value);
    out += "}}";
  } else if (variable.source == Source::kSecret) {
    out += R"("valueFrom":{"secretKeyRef":{)";
    append_json_member(out, "name", variable.value);
    append_json_member(out, "key", variable.key);
    out += R"(,"optional":true}})";
  } else {
    out += R"("value":")";
    if (variable.source == Source::kPodText) {
      double_dollars(variable.value,
                     [&out](std::string_view piece) { append_json_escaped(out, piece); });
    } else {
      append_json_escaped(out, variable.value);
    }
    out += '"';
  }
}

}  // namespace

std::string_view inner_hostname(const PodView& pod) {
  if (!pod.hostname.empty()) return pod.hostname;
  if (!pod.generate_name.empty()) return {};
  // As the kubelet cuts a pod's name (kubernetes, pkg/kubelet/util, truncatePodHostnameIfNeeded).
  if (pod.name.size() <= kLongestHostname) return pod.name;
  std::string_view name = pod.name.substr(0, kLongestHostname);
  while (name.ends_with('-') || name.ends_with('.')) name.remove_suffix(1);
  return name;
}

void append_variable(std::string& out, const SupervisorVariable& variable) {
  out += '{';
  append_json_member(out, "name", variable.name);
  out += ',';
  append_source(out, variable);
  out += '}';
}

bool is_variable(const EnvVar& found, const SupervisorVariable& variable) {
  if (found.name != variable.name) return false;
  switch (variable.source) {
    case Source::kResource:
      return found.resource_field_ref &&
             found.resource_field_ref->container_name == variable.value &&
             found.resource_field_ref->resource == variable.key;
    case Source::kField:
      return found.field_path == variable.value;
    case Source::kSecret:
      return found.secret_key_ref && found.secret_key_ref->name == variable.value &&
             found.secret_key_ref->key == variable.key && found.secret_key_ref->optional;
    case Source::kPodText:
      return !found.has_value_from && equals_doubling_dollars(found.value, variable.value);
    case Source::kText:
      break;
  }
  return !found.has_value_from && found.value == variable.value;
}

std::uint64_t hash_variable(const SupervisorVariable& variable, std::uint64_t state) {
  for (std::string_view text : {variable.name, variable.value, variable.key}) {
    state = hash_text(text, state);
  }
  return state;
}

SupervisorVariables::SupervisorVariables(const Settings& settings)
    : tun_(settings.supervisor.tun),
      fuse_(settings.supervisor.fuse),
      network_cidr_(settings.network_cidr),
      env_(settings.supervisor.env) {}

std::optional<std::string> SupervisorVariables::value_set_by_settings(std::string_view name) const {
  for (const EnvSetting& setting : env_) {
    if (setting.name == name) return setting.value;
  }
  return std::nullopt;
}

bool SupervisorVariables::is_set_by_settings(std::string_view name) const {
  return std::any_of(env_.begin(), env_.end(),
                     [name](const EnvSetting& setting) { return setting.name == name; });
}

}  // namespace cvm
