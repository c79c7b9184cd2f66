// LimitRanges and ResourceQuotas of the namespaces that take part, against what the supervisor
// requests (supervisor.resources).
//
// Source: Kubernetes, "Limit Ranges" and "Resource Quotas": a container without an amount is given
// the range's default; a quota on an amount refuses pods with a container that lacks it.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

struct Supervisor {
  Amounts requests, limits;
};

// Nothing where the pods of the namespace get no container of the webhook's own: with placement
// wrap the supervisor has the workspace's resources.
std::optional<Supervisor> supervisor_in(const NamespaceFacts& ns, const CheckInput& input) {
  const Settings& settings = settings_for(input.settings.settings, ns.label(kProfileLabel));
  if (settings.mode == Mode::kNative || settings.supervisor.placement == Placement::kWrap) {
    return std::nullopt;
  }
  return Supervisor{{settings.supervisor.requests.begin(), settings.supervisor.requests.end()},
                    {settings.supervisor.limits.begin(), settings.supervisor.limits.end()}};
}

std::optional<double> amount(const Amounts& amounts, std::string_view resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? std::nullopt : parse_quantity(found->second);
}

// As the API server defaults containers: a request from the limit that is written, then from the
// ranges.
Supervisor with_defaults(Supervisor supervisor, std::string_view ns, const ClusterFacts& facts) {
  for (const auto& limit : supervisor.limits) supervisor.requests.insert(limit);
  for (const LimitRangeFacts& range : facts.limit_ranges) {
    if (range.name.first != ns) continue;
    for (const LimitRangeItem& item : range.items) {
      if (item.type != "Container") continue;
      for (const auto& request : item.default_requests) supervisor.requests.insert(request);
      for (const auto& limit : item.default_limits) supervisor.limits.insert(limit);
    }
  }
  return supervisor;
}

std::string edit_settings(const CheckInput& input) {
  const DeploymentFacts* deployment = input.facts.deployment();
  return fmt::format("kubectl -n {} edit configmap {}", input.facts.webhook_namespace(),
                     deployment == nullptr || deployment->config_map.empty()
                         ? "cvm-webhook-settings"
                         : deployment->config_map);
}

std::string written(const Amounts& amounts, const std::string& resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? "none" : found->second;
}

// "Container max cpu 1 is less than the supervisor's 2": `what` of the range is no match for what
// the supervisor has.
std::string clash(const std::string& what, const std::string& resource, const std::string& text,
                  const std::string& relation, const std::string& of_supervisor) {
  return fmt::format("{} {} {} is {} than the supervisor's{}", what, resource, text, relation,
                     of_supervisor);
}

// What is wrong with the supervisor under one entry of a range; empty: nothing.
std::vector<std::string> problems_under(const LimitRangeItem& item, const Supervisor& supervisor) {
  std::vector<std::string> problems;
  const bool for_containers = item.type == "Container";
  for (const auto& [resource, text] : item.max) {
    const auto limit = amount(supervisor.limits, resource);
    const auto request = amount(supervisor.requests, resource);
    const auto most = parse_quantity(text);
    const double asked = std::max(limit.value_or(0), request.value_or(0));
    if (most && asked > *most) {
      const bool is_limit = limit && *limit > *most;
      problems.push_back(
          clash(item.type + " max", resource, text, "less",
                " " + written(is_limit ? supervisor.limits : supervisor.requests, resource)));
    }
  }
  if (!for_containers) return problems;
  for (const auto& [resource, text] : item.min) {
    const auto limit = amount(supervisor.limits, resource);
    const auto request = amount(supervisor.requests, resource);
    const auto least = parse_quantity(text);
    if (least && (request.value_or(0) < *least || (limit && *limit < *least))) {
      problems.push_back(clash("Container min", resource, text, "more",
                               " " + written(supervisor.requests, resource)));
    }
  }
  for (const auto& [resource, text] : item.largest_ratios) {
    const auto limit = amount(supervisor.limits, resource);
    const auto request = amount(supervisor.requests, resource);
    const auto ratio = parse_quantity(text);
    if (ratio && request && *request > 0 && limit && *limit / *request > *ratio) {
      problems.push_back(clash("maxLimitRequestRatio", resource, text, "less", ""));
    }
  }
  return problems;
}

// A default limit below what the supervisor requests makes its container invalid.
std::vector<std::string> limits_below_requests(const LimitRangeFacts& range,
                                               const Supervisor& supervisor) {
  std::vector<std::string> problems;
  for (const LimitRangeItem& item : range.items) {
    if (item.type != "Container") continue;
    for (const auto& [resource, text] : item.default_limits) {
      const auto limit = amount(supervisor.limits, resource);
      const auto request = amount(supervisor.requests, resource);
      if (!limit || !request || *limit >= *request) continue;
      problems.push_back(clash("the default limit of", resource, text, "less",
                               fmt::format(" request {}", written(supervisor.requests, resource))));
    }
  }
  return problems;
}

void judge_range(const LimitRangeFacts& range, const Supervisor& supervisor,
                 const CheckInput& input, Findings& out) {
  std::vector<std::string> problems;
  for (const LimitRangeItem& item : range.items) {
    if (item.type != "Container" && item.type != "Pod") continue;
    for (std::string& problem : problems_under(item, supervisor)) {
      problems.push_back(std::move(problem));
    }
  }
  // The API server writes a max also as the default limit: it is said once.
  if (problems.empty()) problems = limits_below_requests(range, supervisor);
  const auto& [ns, name] = range.name;
  const std::string begin = fmt::format("LimitRange {}/{} refuses CVMs: ", ns, name);
  const std::string fix =
      fmt::format("kubectl -n {} edit limitrange {}  # or: {}", ns, name, edit_settings(input));
  for (std::string& problem : problems) {
    problem.insert(0, begin).append(" (supervisor.resources)");
    out.fail(std::move(problem), fix);
  }
}

struct QuotaKey {
  std::string_view resource;
  bool of_limits;
};

// "cpu" and "requests.cpu" are the same (Kubernetes, "Resource Quotas").
std::optional<QuotaKey> quota_key(std::string_view key) {
  const bool of_limits = key.starts_with("limits.");
  if (of_limits) key.remove_prefix(std::string_view("limits.").size());
  if (key.starts_with("requests.")) key.remove_prefix(std::string_view("requests.").size());
  if (key != "cpu" && key != "memory" && key != "ephemeral-storage") return std::nullopt;
  return QuotaKey{key, of_limits};
}

// Whether the quota counts pods with requests that run for ever.
bool counts_workspaces(const QuotaFacts& quota) {
  return std::all_of(quota.scopes.begin(), quota.scopes.end(), [](const std::string& scope) {
    return scope == "NotBestEffort" || scope == "NotTerminating";
  });
}

// One amount that a quota limits.
void judge_amount(const QuotaFacts& quota, const std::string& key, const std::string& text,
                  const Supervisor& supervisor, const CheckInput& input, Findings& out) {
  const auto part = quota_key(key);
  if (!part) return;
  const std::string name = fmt::format("ResourceQuota {}/{}", quota.name.first, quota.name.second);
  const Amounts& amounts = part->of_limits ? supervisor.limits : supervisor.requests;
  const auto needed = amount(amounts, part->resource);
  if (!needed) {
    out.fail(fmt::format("{} counts {}, which the supervisor does not give, so that CVMs are "
                         "refused (supervisor.resources)",
                         name, key),
             edit_settings(input));
    return;
  }
  const auto hard = parse_quantity(text);
  const auto used = amount(quota.used, key);
  if (hard && *hard - used.value_or(0) < *needed) {
    out.warn(
        fmt::format("{} leaves less {} than the supervisor of one more CVM needs: {} of {} is used",
                    name, key, written(quota.used, key), text),
        fmt::format("kubectl -n {} describe resourcequota {}", quota.name.first,
                    quota.name.second));
  }
}

void judge_quota(const QuotaFacts& quota, const Supervisor& supervisor, const CheckInput& input,
                 Findings& out) {
  for (const auto& [key, text] : quota.hard) {
    judge_amount(quota, key, text, supervisor, input, out);
  }
}

// Calls judge(const NamespaceFacts&, const Supervisor&) for each namespace that takes part and
// whose CVMs have a supervisor, with the resources that its LimitRanges give that by default.
template <typename Judge>
void for_each_supervisor(const CheckInput& input, Judge&& judge) {
  for (const NamespaceFacts& ns : input.facts.namespaces) {
    if (!ns.takes_part()) continue;
    const auto supervisor = supervisor_in(ns, input);
    if (supervisor) judge(ns, with_defaults(*supervisor, ns.name, input.facts));
  }
}

}  // namespace

void check_limit_ranges(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kLimitRange, out)) return;
  if (skip_unknown(input, ObjectKind::kNamespace, out)) return;
  for_each_supervisor(input, [&](const NamespaceFacts& ns, const Supervisor& supervisor) {
    for (const LimitRangeFacts& range : input.facts.limit_ranges) {
      if (range.name.first == ns.name) judge_range(range, supervisor, input, out);
    }
  });
  out.pass_if_silent("no LimitRange refuses the supervisor");
}

void check_quotas(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kResourceQuota, out)) return;
  if (skip_unknown(input, ObjectKind::kNamespace, out)) return;
  for_each_supervisor(input, [&](const NamespaceFacts& ns, const Supervisor& supervisor) {
    for (const QuotaFacts& quota : input.facts.quotas) {
      if (quota.name.first == ns.name && counts_workspaces(quota)) {
        judge_quota(quota, supervisor, input, out);
      }
    }
  });
  out.pass_if_silent("no ResourceQuota refuses the supervisor");
}

}  // namespace cvm::webhook
