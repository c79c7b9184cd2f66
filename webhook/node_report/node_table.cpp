#include "webhook/node_report/node_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "webhook/terminal/terminal.hpp"
#include "webhook/terminal/text_table.hpp"
#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

using Cells = std::vector<std::string>;

constexpr const char* kNothing = "-";

std::string or_unknown(const std::string& text) { return text.empty() ? "<unknown>" : text; }

std::string or_nothing(const std::string& text) { return text.empty() ? kNothing : text; }

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

std::string gpu_cell(const NodeKind& kind) { return kind.has_gpu() ? yes_or_no(kind.gpu) : "none"; }

// "AWS (cloud)", "bare metal", "unknown".
std::string cloud_cell(const NodeKind& kind) {
  if (kind.hosting.provider == nullptr) return "unknown";
  const std::string& title = kind.hosting.provider->title;
  switch (kind.hosting.hosting()) {
    case Hosting::kCloud:
      return fmt::format("{} (cloud)", title);
    case Hosting::kVirtual:
      return fmt::format("{} (virtual)", title);
    case Hosting::kBareMetal:
      return title == "bare metal" ? title : fmt::format("{} (bare metal)", title);
    case Hosting::kUnknown:
      break;
  }
  return title;
}

std::string rules_cell(const NodeKind& kind) {
  std::string rules;
  for (const ReportedReason& reason : kind.reasons) {
    if (!rules.empty()) rules += ", ";
    rules += reason.rule;
    if (reason.action != RuleAction::kDeny) {
      rules += fmt::format(" ({})", to_string(reason.action));
    }
  }
  return or_nothing(rules);
}

// What keeps GPUs from CVMs is of no interest where there is none.
std::string change_cell(const NodeKind& kind) {
  Cells changes;
  for (const ReportedReason& reason : kind.reasons) {
    const bool counts =
        reason.action == RuleAction::kDeny && (!reason.gpu_pods_only || kind.has_gpu());
    if (counts && std::find(changes.begin(), changes.end(), reason.change) == changes.end()) {
      changes.push_back(reason.change);
    }
  }
  std::string text;
  for (const std::string& change : changes) text += (text.empty() ? "" : "; ") + change;
  return or_nothing(text);
}

std::string need_cell(const NodeKind& kind) {
  const auto& need = kind.user_namespaces.need;
  return need ? std::string(to_string(*need)) : "unknown";
}

Cells head(bool wide, bool native) {
  Cells cells = {"NAME", "NODES", "CVM", "GPU", "CLOUD"};
  if (wide) cells.emplace_back("FROM");
  cells.insert(cells.end(), {"KERNEL", "DISTRIBUTION", "SELINUX"});
  if (native) cells.emplace_back("USER-NAMESPACES");
  if (wide) {
    cells.insert(cells.end(), {"ARCHITECTURE", "KUBELET", "CONTAINER-RUNTIME", "PROVIDER-ID"});
  }
  cells.insert(cells.end(), {"RULES", "CHANGE"});
  return cells;
}

// All but name and count.
Cells describe(const NodeKind& kind, bool wide, bool native) {
  const NodeFacts& facts = kind.facts;
  Cells cells = {yes_or_no(kind.cvm), gpu_cell(kind), cloud_cell(kind)};
  if (wide) cells.push_back(or_nothing(kind.hosting.evidence));
  cells.insert(cells.end(), {or_unknown(facts.kernel_version), or_unknown(kind.distribution.name),
                             std::string(to_string(kind.selinux.state))});
  if (native) cells.push_back(need_cell(kind));
  if (wide) {
    cells.insert(cells.end(), {or_unknown(facts.architecture), or_unknown(facts.kubelet_version),
                               or_unknown(facts.container_runtime), or_unknown(facts.provider_id)});
  }
  cells.insert(cells.end(), {rules_cell(kind), change_cell(kind)});
  return cells;
}

Cells reasons_in_full(const NodeKind& kind) {
  Cells lines;
  for (const ReportedReason& reason : kind.reasons) {
    lines.push_back(fmt::format("cvm/{}: {}{}", reason.rule, reason.message,
                                reason.gpu_pods_only ? " (pods with a GPU only)" : ""));
  }
  return lines;
}

// Nodes that the table cannot tell apart.
struct Group {
  std::string first;  // name of a node
  std::size_t nodes = 0;
  Cells cells, reasons;

  std::string name() const { return nodes > 1 ? fmt::format("{} +{}", first, nodes - 1) : first; }
};

class Grouping {
 public:
  Grouping(const NodeReport& report, const NodeTableOptions& options)
      : report_(report), options_(options), of_kind_(report.kinds.size()) {}

  std::vector<Group> run() {
    for (const ReportedNode& node : report_.nodes) {
      if (options_.each_node) of_kind_[node.kind].reset();
      if (!of_kind_[node.kind]) of_kind_[node.kind] = find(node);
      ++groups_[*of_kind_[node.kind]].nodes;
    }
    return std::move(groups_);
  }

 private:
  std::size_t find(const ReportedNode& node) {
    const NodeKind& kind = report_.kinds[node.kind];
    Group group{node.name, 0, describe(kind, options_.wide, report_.mode == Mode::kNative), {}};
    if (options_.wide) group.reasons = reasons_in_full(kind);
    if (!options_.each_node) {
      const auto [known, is_new] =
          by_text_.try_emplace({group.cells, group.reasons}, groups_.size());
      if (!is_new) return known->second;
    }
    groups_.push_back(std::move(group));
    return groups_.size() - 1;
  }

  const NodeReport& report_;
  const NodeTableOptions& options_;
  std::vector<std::optional<std::size_t>> of_kind_;  // beside the kinds: position in groups_
  std::map<std::pair<Cells, Cells>, std::size_t> by_text_;
  std::vector<Group> groups_;
};

}  // namespace

std::string print_node_table(const NodeReport& report, const NodeReport& templates,
                             const NodeTableOptions& options) {
  std::vector<Group> groups = Grouping(report, options).run();
  for (Group& group : Grouping(templates, {options.wide, true}).run()) {
    group.first.insert(0, "template ");
    group.nodes = 0;
    groups.push_back(std::move(group));
  }
  std::vector<Cells> rows = {head(options.wide, report.mode == Mode::kNative)};
  const std::size_t width = terminal_width();
  std::string reasons;
  for (const Group& group : groups) {
    rows.push_back({group.name(), std::to_string(group.nodes)});
    rows.back().insert(rows.back().end(), group.cells.begin(), group.cells.end());
    for (const std::string& reason : group.reasons) {
      const std::string line = fmt::format("{}: {}", group.name(), reason);
      reasons += wrap_after(0, line, width);
    }
  }
  std::string out = print_table(rows, width) + "\n";
  if (!reasons.empty()) out += reasons + "\n";
  return fmt::format("{}{}\n", out, report.summary());
}

}  // namespace cvm::webhook
