#include "webhook/config/settings_isolation.hpp"

#include <algorithm>
#include <utility>

#include "webhook/config/settings_syntax.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;

bool is_not_empty(std::string_view text) { return !text.empty(); }

void read_level(Value value, PodSecurityLevel& level) {
  value.read_choice(level, {{"privileged", PodSecurityLevel::kPrivileged},
                            {"baseline", PodSecurityLevel::kBaseline},
                            {"restricted", PodSecurityLevel::kRestricted}});
}

// One word is the level that is enforced.
void read_pod_security(Value value, PodSecuritySettings& levels) {
  value.read_map_or_else(
      [&](Value map) {
        map.read_fields({
            {"enforce", [&](Value v) { read_level(v, levels.enforce); }},
            {"warn", [&](Value v) { read_level(v, levels.warn); }},
            {"audit", [&](Value v) { read_level(v, levels.audit); }},
        });
      },
      [&](Value word) { read_level(word, levels.enforce); });
}

void read_names(Value value, const char* what, std::vector<std::string>& names) {
  names.clear();
  value.read_elements(
      [&](Value name) { name.read_checked(names.emplace_back(), is_not_empty, what); });
}

void read_break_glass(Value value, BreakGlassSettings& break_glass) {
  value.read_fields({
      {"users", [&](Value v) { read_names(v, "a user's name", break_glass.users); }},
      {"groups", [&](Value v) { read_names(v, "a group's name", break_glass.groups); }},
  });
}

bool is_allowed_path(std::string_view text) {
  return text.size() > 1 &&
         is_mount_path(text.ends_with('/') ? text.substr(0, text.size() - 1) : text);
}

// A hostPath would hand the node to whoever can add it.
bool is_source(std::string_view text) { return !text.empty() && text != "hostPath"; }

void read_mount(Value value, AllowedMount& mount) {
  value.read_fields({
      {"path",
       [&](Value v) {
         v.read_checked(
             mount.path, is_allowed_path,
             "an absolute path without \"..\", with a slash at its end for all below it");
       }},
      {"sources",
       [&](Value v) {
         v.read_elements([&](Value source) {
           source.read_checked(mount.sources.emplace_back(), is_source,
                               "a kind of volume other than hostPath, such as projected");
         });
       }},
      {"readOnly", [&](Value v) { v.read(mount.read_only); }},
  });
  value.require("path", "expected a path, found none");
  value.require("sources", "expected sources, found none");
}

void read_container(Value value, AllowedContainer& container) {
  value.read_fields({
      {"name",
       [&](Value v) { v.read_checked(container.name, is_not_empty, "a container's name"); }},
      {"images", [&](Value v) { read_names(v, "how an image begins", container.images); }},
      {"capabilities", [&](Value v) { read_names(v, "a capability", container.capabilities); }},
  });
  value.require("name", "expected a name, found none");
  value.require("images", "expected images, found none");
}

template <typename T>
void read_list(Value value, std::vector<T>& list, void (*read)(Value, T&)) {
  list.clear();
  value.read_elements([&](Value element) { read(element, list.emplace_back()); });
}

void read_injected(Value value, InjectedSettings& injected) {
  value.read_fields({
      {"variables", [&](Value v) { read_names(v, "a variable's name", injected.variables); }},
      {"mounts", [&](Value v) { read_list(v, injected.mounts, read_mount); }},
      {"containers", [&](Value v) { read_list(v, injected.containers, read_container); }},
  });
}

void read_templates_action(Value value, RuleAction& action) {
  if (value.json() == false) {  // an unquoted `off` is a boolean in YAML
    action = RuleAction::kOff;
    return;
  }
  value.read_choice(action, {{"deny", RuleAction::kDeny},
                             {"warn", RuleAction::kWarn},
                             {"audit", RuleAction::kAudit},
                             {"off", RuleAction::kOff}});
  value.also_takes(false);
}

}  // namespace

void read_isolation(const DocumentValue& value, IsolationSettings& isolation) {
  value.read_fields({
      {"podSecurity", [&](Value v) { read_pod_security(v, isolation.pod_security); }},
      {"breakGlass", [&](Value v) { read_break_glass(v, isolation.break_glass); }},
      {"injected", [&](Value v) { read_injected(v, isolation.injected); }},
      {"inlineCsiDrivers",
       [&](Value v) { read_names(v, "a CSI driver's name", isolation.inline_csi_drivers); }},
      {"templates", [&](Value v) { read_templates_action(v, isolation.templates); }},
  });
}

}  // namespace cvm::webhook
