#include "webhook/terminal/text_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <dtl/dtl.hpp>
#include <vector>

namespace cvm::webhook {
namespace {

constexpr std::size_t kContext = 3;
// The lines of one text times those of the other. Larger texts are shown as replaced whole, and so
// are those that differ in more than libdtl has room for: behind that it goes wrong.
constexpr std::size_t kMostCells = 16'000'000;

using Lines = std::vector<std::string_view>;

struct Step {
  char mark;  // ' ', '-' or '+'
  std::string_view line;
};

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

using LineDiff = dtl::Diff<std::string_view, Lines>;

// Compared without a limit of time and memory, texts of lines that are all different take the
// product of their lengths.
bool can_compare(const Lines& before, const Lines& after) {
  if (before.size() * after.size() > kMostCells) return false;
  LineDiff diff(before, after);
  diff.onOnlyEditDistance();  // which needs no memory for the way
  diff.compose();
  const auto [shorter, longer] = std::minmax({before.size(), after.size()});
  const std::size_t surplus = longer - shorter;
  const std::size_t rounds = (static_cast<std::size_t>(diff.getEditDistance()) - surplus) / 2 + 1;
  return rounds * (surplus + rounds) < dtl::MAX_CORDINATES_SIZE;
}

std::vector<Step> find_steps(const Lines& before, const Lines& after) {
  std::vector<Step> steps;
  if (!can_compare(before, after)) {
    for (const std::string_view line : before) steps.push_back({'-', line});
    for (const std::string_view line : after) steps.push_back({'+', line});
    return steps;
  }
  LineDiff diff(before, after, /*deletesFirst=*/true);
  diff.compose();
  for (const auto& [line, info] : diff.getSes().getSequence()) {
    const bool is_common = info.type == dtl::SES_COMMON;
    steps.push_back({is_common ? ' ' : info.type == dtl::SES_DELETE ? '-' : '+', line});
  }
  return steps;
}

std::string range(std::size_t start, std::size_t count) {
  // An empty range names the line before it.
  return fmt::format("{},{}", count == 0 ? start : start + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after) {
  const std::vector<Step> steps = find_steps(split(before), split(after));
  std::string out;
  std::size_t before_line = 0, after_line = 0;  // of steps[at]
  std::size_t at = 0;
  const auto skip_to = [&](std::size_t end) {
    for (; at < end; ++at) {
      before_line += steps[at].mark != '+' ? 1 : 0;
      after_line += steps[at].mark != '-' ? 1 : 0;
    }
  };
  const auto next_change = [&](std::size_t from) {
    while (from < steps.size() && steps[from].mark == ' ') ++from;
    return from;
  };
  for (std::size_t change = next_change(0); change < steps.size();) {
    skip_to(std::max(at, change - std::min(change, kContext)));
    // The hunk goes on while the next change is near enough for their contexts to touch.
    std::size_t end = change;
    while (change < steps.size() && change <= end + 2 * kContext) {
      end = change + 1;
      change = next_change(end);
    }
    end = std::min(end + kContext, steps.size());
    const std::size_t start = at, before_start = before_line, after_start = after_line;
    skip_to(end);
    out += fmt::format("@@ -{} +{} @@\n", range(before_start, before_line - before_start),
                       range(after_start, after_line - after_start));
    for (std::size_t i = start; i < end; ++i) {
      out += steps[i].mark;
      out += steps[i].line;
      out += '\n';
    }
  }
  return out;
}

}  // namespace cvm::webhook
