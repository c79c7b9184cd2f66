#include "webhook/config/settings_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "policies/compatibility/cloud.hpp"
#include "policies/rules/registry.hpp"
#include "webhook/config/settings_compatibility.hpp"
#include "webhook/config/settings_file.hpp"
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
    value.add_mistake(fmt::format("expected {}, found {}", constant, value.describe_found()));
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
  value.defaults_to(nlohmann::ordered_json::object());
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
  value.defaults_to(clouds);
  clouds.clear();
  value.read_elements([&](Value cloud) {
    const std::size_t chosen = cloud.choose(names);
    cloud.may_be_another_word();  // compatibility.clouds
    if (chosen < names.size()) clouds.emplace_back(names[chosen]);
  });
}

void read_gpu(Value value, GpuSettings& gpu, const Compatibility& compatibility) {
  value.read_fields({
      {"allowClouds",
       {.text = "Cloud providers on whose nodes GPUs are let through all the same, at the "
                "administrator's risk."},
       [&](Value clouds) { read_clouds(clouds, gpu.allow_clouds, compatibility); }},
      {"usrLibDir",
       "The directory of the NVIDIA libraries on the nodes, `CODER_USR_LIB_DIR`; empty: not set.",
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
  value.describe({{"type", "string"},
                  {"pattern", kDurationPattern},
                  {"description", "Expected: a duration such as 5m, 90s or 1h30m"}});
  value.defaults_to(write_duration(out));
  std::string text;
  if (!value.json().is_string()) {
    return value.add_mistake(fmt::format("expected a duration such as 5m, 90s or 1h30m, found {}",
                                         value.describe_found()));
  }
  value.read(text);
  const auto duration = parse_duration(text);
  if (!duration) return value.add_mistake(duration.error().message);
  if (duration->count() == 0)
    return value.add_mistake(fmt::format("expected more than no time, found {}", text));
  out = *duration;
}

void read_nodes(Value value, NodeSettings& nodes) {
  value.read_fields({
      {"selinuxUnknown",
       {.text =
            "What a node means for a CVM where it is not known whether it has SELinux enabled."},
       [&](Value v) { read_unknown_action(v, nodes.selinux_unknown); }},
      {"shiftfsUnknown",
       {.text = "The same where it is not known whether a node that needs shiftfs has it.",
        .only_with = kSupervisedOnly},
       [&](Value v) { read_unknown_action(v, nodes.shiftfs_unknown); }},
      {"secureBootUnknown",
       {.text = "The same for secure boot, which keeps the supervisor from loading shiftfs.",
        .only_with = "autoloadShiftfs: true"},
       [&](Value v) { read_unknown_action(v, nodes.secure_boot_unknown); }},
      {"kernelHeadersUnknown",
       {.text = "The same for kernel headers, with which the supervisor builds shiftfs.",
        .only_with = "autoloadShiftfs: true"},
       [&](Value v) { read_unknown_action(v, nodes.kernel_headers_unknown); }},
      {"staleAfter", "How long the list of nodes may go unconfirmed by the API server.",
       [&](Value v) { read_stale_after(v, nodes.stale_after); }},
      {"staleAction", "What becomes of pods from then on.",
       [&](Value v) { read_unknown_action(v, nodes.stale_action); }},
      {"mark",
       {.text = "Label nodes with `cvm-webhook.io/cvm` and `cvm-webhook.io/cvm-gpu`: \"true\" or "
                "\"false\". false: marks that are there stay as they are.",
        .details = "Without marks, a pod of which only some candidates can host it gets a required "
                   "node affinity instead: by a label that sets those apart, else by the names of "
                   "up to 64 nodes to keep away from. Take `scheduling` out of the RuntimeClass "
                   "then."},
       [&](Value v) { v.read(nodes.mark); }},
      {"templates",
       "Node groups that an autoscaler can make from nothing, on which pods may count: a list of "
       "{name, labels, annotations, taints, kernelVersion, osImage, architecture, operatingSystem, "
       "providerID, containerRuntimeVersion, kubeletVersion, allocatable}.",
       [&](Value v) { read_templates(v, nodes.templates); }},
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
    action.may_be_nothing();
  };
  value.defaults_to(nlohmann::ordered_json::object());
  value.read_entries(read, ids);
}

}  // namespace

void read_settings_keys(const DocumentValue& root, Settings& settings) {
  RuntimeClassKey runtime_class(settings.mode, settings.runtime_class_name);
  root.read_fields({
      {"apiVersion", [](Value v) { read_constant(v, kSettingsApiVersion); }},
      {"kind", [](Value v) { read_constant(v, kSettingsKind); }},
      {"enabled", "false: a pod that asks for a CVM is refused, others pass untouched.",
       [&](Value v) { v.read(settings.enabled); }},
      {"defaultToCvm", "Whether a workspace without the label `cvm-webhook.io/cvm` is a CVM.",
       [&](Value v) { v.read(settings.default_to_cvm); }},
      {"mode",
       "supervised: a privileged supervisor in the pod runs the workspace with Sysbox; native: the "
       "node's own Sysbox runs the pod.",
       [&](Value v) { read_mode(v, settings.mode); }},
      {"caching",
       {.text =
            "Keep the inner images and containers between starts, in a directory of the node's "
            "/var/lib for each workspace; the supervisor gets the node's /var/run and /var/lib.",
        .only_with = kSupervisedOnly},
       [&](Value v) { v.read(settings.caching); }},
      {"autoloadShiftfs",
       {.text = "Let the supervisor load the shiftfs kernel module.", .only_with = "caching: true"},
       [&](Value v) { v.read(settings.autoload_shiftfs); }},
      {"runtimeClassName",
       {.text = "The RuntimeClass that CVM pods are given; where it is absent: cvm, in mode native "
                "sysbox-runc.",
        .details = "Its handler must not be Sysbox; in mode native it must."},
       [&](Value v) { runtime_class.read(v); }},
      {"workspaces",
       [&](Value v) {
         v.read_fields(
             {{"selector", "A label selector on pods; empty: every pod of a selected namespace.",
               [&](Value s) { read_selector(s, settings.workspace_selector); }}});
       }},
      {"supervisor",
       {.text = "The privileged container that runs the workspace.", .only_with = kSupervisedOnly},
       [&](Value v) { read_supervisor(v, settings.supervisor); }},
      {"hostPaths",
       {.text = "Where the supervisor mounts what it needs of the node, and of which hostPath type "
                "that is: usrSrc, libModules, varRun and varLib, each {path, mountPath, type}.",
        .only_with = kSupervisedOnly},
       [&](Value v) { read_host_paths(v, settings.host_paths); }},
      {"network",
       {.text = "The network of CVMs.", .only_with = kSupervisedOnly},
       [&](Value v) {
         v.read_fields({{"cidr", "The network inside a CVM: IPv4, a prefix of /30 or wider.",
                         [&](Value c) { read_network_cidr(c, settings.network_cidr); }}});
       }},
      {"gpu",
       {.text = "GPUs in CVMs.", .only_with = kSupervisedOnly},
       [&](Value v) { read_gpu(v, settings.gpu, settings.compatibility); }},
      {"nodes",
       "What is made of the nodes. allow, warn or deny is what becomes of a pod where something is "
       "not known.",
       [&](Value v) { read_nodes(v, settings.nodes); }},
      {"compatibility",
       "Rows that are added to the tables of what can host a CVM, or replace some of them.",
       [&](Value v) { read_compatibility(v, settings.compatibility); }},
      {"isolation", "What keeps pods from each other and from the node.",
       [&](Value v) { read_isolation(v, settings.isolation); }},
      {"rules", "<rule-id>: deny, warn, audit or off; `cvm-webhook rules list` prints the ids.",
       [&](Value v) { read_rules(v, settings.rules); }},
      // These two are read by read_profiles().
      {"defaultProfile",
       {.text =
            "The profile of pods for which neither their label `cvm-webhook.io/profile` nor that "
            "of their namespace asks for one; empty: the settings themselves."},
       [](Value) {}},
      {"profiles",
       {.text =
            "Other settings for some pods: a list of {name, chosenBy, settings}. `settings` has "
            "keys of this file, which are laid over it; chosenBy says whose label may ask for "
            "the profile: namespace, pod or both."},
       [](Value) {}},
  });
  runtime_class.finish(settings);
  note_unused_in_native(root, settings);
  const bool supervised = settings.mode == Mode::kSupervised;
  if (supervised && settings.autoload_shiftfs && !settings.caching) {
    root.add_notice("autoloadShiftfs: has an effect together with caching only");
  }
  for (const auto& [id, action] : settings.rules) {
    if (supervised && action != RuleAction::kDeny && find_rule(id)->guards_supervisor) {
      root.add_notice(fmt::format("rules.{}: without it users can reach the supervisor", id));
    }
  }
}

}  // namespace cvm::webhook
