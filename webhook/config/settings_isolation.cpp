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
  value.defaults_to(to_string(levels.enforce));
}

void read_names(Value value, const char* what, std::vector<std::string>& names) {
  value.defaults_to(names);
  names.clear();
  value.read_elements(
      [&](Value name) { name.read_checked(names.emplace_back(), is_not_empty, what); });
}

void read_break_glass(Value value, BreakGlassSettings& break_glass) {
  value.read_fields({
      {"users", "Users, by name.",
       [&](Value v) { read_names(v, "a user's name", break_glass.users); }},
      {"groups", "Groups, by name.",
       [&](Value v) { read_names(v, "a group's name", break_glass.groups); }},
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

nlohmann::ordered_json written(const AllowedMount& mount) {
  return {{"path", mount.path}, {"sources", mount.sources}, {"readOnly", mount.read_only}};
}

nlohmann::ordered_json written(const AllowedContainer& container) {
  return {{"name", container.name},
          {"images", container.images},
          {"capabilities", container.capabilities}};
}

template <typename T>
void read_list(Value value, std::vector<T>& list, void (*read)(Value, T&)) {
  nlohmann::ordered_json standard = nlohmann::ordered_json::array();
  for (const T& row : list) standard.push_back(written(row));
  value.defaults_to(standard);
  list.clear();
  value.read_elements([&](Value element) { read(element, list.emplace_back()); });
}

void read_injected(Value value, InjectedSettings& injected) {
  value.read_fields({
      {"variables", "Variables in the supervisor, by name.",
       [&](Value v) { read_names(v, "a variable's name", injected.variables); }},
      {"mounts",
       {.text =
            "Mounts in the supervisor: path (all below it, where it ends with a slash), sources "
            "(kinds of volumes) and readOnly (whether the mount must be)."},
       [&](Value v) { read_list(v, injected.mounts, read_mount); }},
      {"containers",
       {.text = "Init containers with capabilities beyond the level: name, how their image begins, "
                "and the capabilities; the image's own command only."},
       [&](Value v) { read_list(v, injected.containers, read_container); }},
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
      {"podSecurity",
       {.text = "The Pod Security level of all that is not cvm-webhook's own in a pod: privileged, "
                "baseline or restricted; or {enforce, warn, audit} with a level each.",
        .details = "As the [Pod Security Standards]"
                   "(https://kubernetes.io/docs/concepts/security/pod-security-standards/) are in "
                   "Kubernetes 1.36. In a CVM, the supervisor and the volumes of its plan are "
                   "passed over."},
       [&](Value v) { read_pod_security(v, isolation.pod_security); }},
      {"breakGlass",
       {.text = "Who may do to running CVMs what is refused to others.",
        .details = "Each such call is warned of, counted (`cvm_webhook_break_glass_total`) and in "
                   "the audit log. The admission policies that the API server evaluates must be "
                   "told as well."},
       [&](Value v) { read_break_glass(v, isolation.break_glass); }},
      {"injected",
       "What other webhooks may put into the supervisor, or next to it with capabilities of its "
       "own.",
       [&](Value v) { read_injected(v, isolation.injected); }},
      {"inlineCsiDrivers", "CSI drivers whose inline volumes a CVM may use.",
       [&](Value v) { read_names(v, "a CSI driver's name", isolation.inline_csi_drivers); }},
      {"templates",
       "What becomes of a finding that would refuse the pods of a Deployment, a Job..., when that "
       "is "
       "created or changed.",
       [&](Value v) { read_templates_action(v, isolation.templates); }},
  });
}

}  // namespace cvm::webhook
