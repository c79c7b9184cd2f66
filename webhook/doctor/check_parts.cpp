#include "webhook/doctor/check_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "policies/model/text.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kShownNames = 5;

bool refuses_cvms(const NodeReason& reason) {
  return reason.action == RuleAction::kDeny && !reason.gpu_pods_only;
}

}  // namespace

std::string_view to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return "pass";
    case CheckStatus::kSkip:
      return "skip";
    case CheckStatus::kWarn:
      return "warn";
    case CheckStatus::kFail:
      break;
  }
  return "fail";
}

bool skip_unknown(const CheckInput& input, ObjectKind kind, Findings& out) {
  if (input.facts.knows(kind)) return false;
  const KindDescription& description = describe(kind);
  out.skip(input.facts.why_unknown(kind),
           input.facts.is_dump
               ? description.get_command()
               : fmt::format("kubectl auth can-i list {}{}{}{}", description.plural,
                             description.group.empty() ? "" : ".", description.group,
                             description.namespaced ? " --all-namespaces" : ""));
  return true;
}

std::string NamedSettings::prefix() const {
  return profile.empty() ? std::string() : fmt::format("profile {}: ", profile);
}

std::vector<NamedSettings> all_settings(const CheckInput& input) {
  const ProfiledSettings& settings = input.settings.settings;
  std::vector<NamedSettings> all = {{"", &settings}};
  for (const ProfileSettings& profile : settings.profiles) {
    all.push_back({profile.name, &profile.settings});
  }
  return all;
}

const Settings& settings_for(const ProfiledSettings& settings, std::string_view ns_profile,
                             std::string_view pod_profile) {
  const auto find = [&](std::string_view name, bool ProfileSettings::* may) -> const Settings* {
    for (const ProfileSettings& profile : settings.profiles) {
      if (profile.name == name && (may == nullptr || profile.*may)) return &profile.settings;
    }
    return nullptr;
  };
  const Settings* found = find(pod_profile, &ProfileSettings::chosen_by_pod);
  if (found == nullptr) found = find(ns_profile, &ProfileSettings::chosen_by_namespace);
  if (found == nullptr) found = find(settings.default_profile, nullptr);
  return found == nullptr ? settings : *found;
}

HostingNodes find_hosting_nodes(const ClusterFacts& facts, const Settings& settings) {
  const auto inventory = NodeInventory::build(facts.nodes, settings);
  HostingNodes hosting;
  std::map<std::string, std::size_t> counts;
  inventory->catalog().for_each_node([&](const std::string& name, const NodeEntry& entry) {
    bool can_host = true;
    for (const std::uint32_t position : inventory->reasons_of(entry.node_class)) {
      const NodeReason& reason = inventory->reasons()[position];
      if (!refuses_cvms(reason)) continue;
      can_host = false;
      ++counts[fmt::format("{}: {}", reason.rule->id, reason.message)];
    }
    if (can_host) hosting.names.insert(name);
  });
  std::vector<std::pair<std::size_t, std::string>> sorted;
  sorted.reserve(counts.size());
  for (const auto& [text, count] : counts) sorted.emplace_back(count, text);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  for (auto& [count, text] : sorted) hosting.reasons.push_back(std::move(text));
  return hosting;
}

std::string some_of(const std::vector<std::string>& names) { return list_some(names, kShownNames); }

std::string words_of_all(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

std::string count_of(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string count_of(std::size_t count, std::string_view one) {
  return count_of(count, one, std::string(one) + "s");
}

}  // namespace cvm::webhook
