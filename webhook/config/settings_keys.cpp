#include "webhook/config/settings_keys.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "policies/compatibility/cloud.hpp"
#include "policies/rules/registry.hpp"
#include "webhook/config/settings_compatibility.hpp"
#include "webhook/config/settings_isolation.hpp"
#include "webhook/config/settings_mode.hpp"
#include "webhook/config/settings_supervisor.hpp"
#include "webhook/config/settings_syntax.hpp"
#include "webhook/config/settings_templates.hpp"
#include "webhook/config/unknown_rule.hpp"
#include "webhook/formats/duration.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;

void read_constant(Value value, std::string_view constant) {
  value.describe({{"const", constant}});
  if (value.json() != constant) {
    value.add_mistake("expected " + std::string(constant) + ", found " + value.describe_found());
  }
}

void read_label_requirement(Value value, LabelRequirement& requirement) {
  bool has_operator = false, is_known = false;
  std::optional<DocumentValue> values;
  value.read_fields({
      {"key", [&](Value key) { key.read_checked(requirement.key, is_label_key, "a label key"); }},
      {"operator",
       [&](Value op) {
         has_operator = true;
         is_known =
             op.read_choice(requirement.op, {{"In", LabelOperator::kIn},
                                             {"NotIn", LabelOperator::kNotIn},
                                             {"Exists", LabelOperator::kExists},
                                             {"DoesNotExist", LabelOperator::kDoesNotExist}});
       }},
      {"values",
       [&](Value list) {
         values.emplace(list);
         list.read(requirement.values);
       }},
  });
  value.require("key", "expected a key, found none");
  value.require("operator", "expected an operator, found none");
  if (!has_operator || !is_known) return;
  const bool takes_values =
      requirement.op == LabelOperator::kIn || requirement.op == LabelOperator::kNotIn;
  if (takes_values && requirement.values.empty()) {
    (values ? *values : value).add_mistake("the operators In and NotIn need values, found none");
  }
  if (!takes_values && !requirement.values.empty()) {
    values->add_mistake("the operators Exists and DoesNotExist take no values");
  }
}

void read_selector(Value value, LabelSelector& selector) {
  value.read_fields({
      {"matchLabels",
       [&](Value labels) {
         labels.read_entries([&](const std::string& key, Value label) {
           LabelRequirement requirement{key, LabelOperator::kIn, {""}};
           if (!is_label_key(key)) label.add_key_mistake("expected a label key");
           label.read_checked(requirement.values[0], is_label_value, "a label value");
           selector.requirements.push_back(std::move(requirement));
         });
       }},
      {"matchExpressions",
       [&](Value expressions) {
         expressions.read_elements([&](Value expression) {
           read_label_requirement(expression, selector.requirements.emplace_back());
         });
       }},
  });
}

// Keys are read in the order of the alphabet: `compatibility` is there before `gpu`.
void read_clouds(Value value, std::vector<std::string>& clouds,
                 const Compatibility& compatibility) {
  std::vector<std::string_view> names;
  for (const Provider& provider : providers()) {
    if (provider.hosting == Hosting::kCloud) names.push_back(provider.name);
  }
  for (const Provider& provider : compatibility.clouds) {
    if (std::find(names.begin(), names.end(), provider.name) == names.end()) {
      names.push_back(provider.name);
    }
  }
  clouds.clear();
  value.read_elements([&](Value cloud) {
    const std::size_t chosen = cloud.choose(names);
    cloud.may_be_another_word();  // compatibility.clouds
    if (chosen < names.size()) clouds.emplace_back(names[chosen]);
  });
}

void read_gpu(Value value, GpuSettings& gpu, const Compatibility& compatibility) {
  value.read_fields({
      {"allowClouds", [&](Value clouds) { read_clouds(clouds, gpu.allow_clouds, compatibility); }},
      {"usrLibDir",
       [&](Value dir) {
         dir.read_checked(
             gpu.usr_lib_dir,
             [](std::string_view text) { return text.empty() || is_mount_path(text); },
             "an absolute path without \"..\"");
       }},
  });
}

void read_unknown_action(Value value, UnknownAction& action) {
  value.read_choice(action, {{"allow", UnknownAction::kAllow},
                             {"warn", UnknownAction::kWarn},
                             {"deny", UnknownAction::kDeny}});
}

void read_stale_after(Value value, std::chrono::seconds& out) {
  value.describe({{"type", "string"}, {"pattern", kDurationPattern}});
  std::string text;
  if (!value.json().is_string()) {
    return value.add_mistake("expected a duration such as 5m, 90s or 1h30m, found " +
                             value.describe_found());
  }
  value.read(text);
  const auto duration = parse_duration(text);
  if (!duration) return value.add_mistake(duration.error().message);
  if (duration->count() == 0) return value.add_mistake("expected more than no time, found " + text);
  out = *duration;
}

void read_nodes(Value value, NodeSettings& nodes) {
  value.read_fields({
      {"selinuxUnknown", [&](Value v) { read_unknown_action(v, nodes.selinux_unknown); }},
      {"shiftfsUnknown", [&](Value v) { read_unknown_action(v, nodes.shiftfs_unknown); }},
      {"secureBootUnknown", [&](Value v) { read_unknown_action(v, nodes.secure_boot_unknown); }},
      {"kernelHeadersUnknown",
       [&](Value v) { read_unknown_action(v, nodes.kernel_headers_unknown); }},
      {"staleAfter", [&](Value v) { read_stale_after(v, nodes.stale_after); }},
      {"staleAction", [&](Value v) { read_unknown_action(v, nodes.stale_action); }},
      {"mark", [&](Value v) { v.read(nodes.mark); }},
      {"templates", [&](Value v) { read_templates(v, nodes.templates); }},
  });
}

void read_rules(Value value, std::map<std::string, RuleAction, std::less<>>& rules) {
  EntryKeys ids{.known = {}, .others = false};
  for (const RuleDescriptor* rule : all_rules()) {
    if (rule->fixed.empty()) ids.known.push_back(rule->id);
  }
  const auto read = [&](const std::string& id, Value action) {
    const RuleDescriptor* found = find_rule(id);
    if (found == nullptr) return action.add_key_mistake(explain_unknown_rule(id));
    if (!found->fixed.empty()) return action.add_key_mistake(std::string(found->fixed));
    action.describe(
        {{"description", found->summary}, {"default", to_string(found->default_action)}});
    if (action.json().is_null() && !action.is_recording()) return;
    if (action.json() == false) {  // an unquoted `off` is a boolean in YAML
      rules[id] = RuleAction::kOff;
      return;
    }
    action.read_choice(rules[id], {{"deny", RuleAction::kDeny},
                                   {"warn", RuleAction::kWarn},
                                   {"audit", RuleAction::kAudit},
                                   {"off", RuleAction::kOff}});
    action.also_takes(false);
  };
  value.read_entries(read, ids);
}

}  // namespace

void read_settings_keys(const DocumentValue& root, Settings& settings) {
  RuntimeClassKey runtime_class(settings.mode);
  root.read_fields({
      {"apiVersion", [](Value v) { read_constant(v, kSettingsApiVersion); }},
      {"kind", [](Value v) { read_constant(v, kSettingsKind); }},
      // Read by read_profiles().
      {"defaultProfile", [](Value) {}},
      {"profiles", [](Value) {}},
      {"enabled", [&](Value v) { v.read(settings.enabled); }},
      {"defaultToCvm", [&](Value v) { v.read(settings.default_to_cvm); }},
      {"mode", [&](Value v) { read_mode(v, settings.mode); }},
      {"caching", [&](Value v) { v.read(settings.caching); }},
      {"autoloadShiftfs", [&](Value v) { v.read(settings.autoload_shiftfs); }},
      {"runtimeClassName", [&](Value v) { runtime_class.read(v); }},
      {"workspaces",
       [&](Value v) {
         v.read_fields(
             {{"selector", [&](Value s) { read_selector(s, settings.workspace_selector); }}});
       }},
      {"supervisor", [&](Value v) { read_supervisor(v, settings.supervisor); }},
      {"hostPaths", [&](Value v) { read_host_paths(v, settings.host_paths); }},
      {"network",
       [&](Value v) {
         v.read_fields({{"cidr", [&](Value c) { read_network_cidr(c, settings.network_cidr); }}});
       }},
      {"compatibility", [&](Value v) { read_compatibility(v, settings.compatibility); }},
      {"gpu", [&](Value v) { read_gpu(v, settings.gpu, settings.compatibility); }},
      {"nodes", [&](Value v) { read_nodes(v, settings.nodes); }},
      {"isolation", [&](Value v) { read_isolation(v, settings.isolation); }},
      {"rules", [&](Value v) { read_rules(v, settings.rules); }},
  });
  runtime_class.finish(settings);
  note_unused_in_native(root, settings);
  const bool supervised = settings.mode == Mode::kSupervised;
  if (supervised && settings.autoload_shiftfs && !settings.caching) {
    root.add_notice("autoloadShiftfs: has an effect together with caching only");
  }
  for (const auto& [id, action] : settings.rules) {
    if (supervised && action != RuleAction::kDeny && find_rule(id)->guards_supervisor) {
      root.add_notice("rules." + id + ": without it users can reach the supervisor");
    }
  }
}

}  // namespace cvm::webhook
