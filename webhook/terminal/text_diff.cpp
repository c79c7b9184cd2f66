#include "webhook/terminal/text_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace cvm::webhook {
namespace {

constexpr std::size_t kContext = 3;
// Cells of the table of common subsequences; larger texts are shown as replaced whole.
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

// lengths[i * (m + 1) + k]: of the longest common subsequence of before[i..] and after[k..].
std::vector<std::uint32_t> common_lengths(const Lines& before, const Lines& after) {
  const std::size_t width = after.size() + 1;
  std::vector<std::uint32_t> lengths((before.size() + 1) * width);
  for (std::size_t i = before.size(); i-- > 0;) {
    for (std::size_t k = after.size(); k-- > 0;) {
      lengths[i * width + k] = before[i] == after[k] ? lengths[(i + 1) * width + k + 1] + 1
                                                     : std::max(lengths[(i + 1) * width + k],
                                                                lengths[i * width + k + 1]);
    }
  }
  return lengths;
}

std::vector<Step> find_steps(const Lines& before, const Lines& after) {
  std::vector<Step> steps;
  std::size_t i = 0, k = 0;
  if (before.size() * after.size() <= kMostCells) {
    const auto lengths = common_lengths(before, after);
    const std::size_t width = after.size() + 1;
    while (i < before.size() && k < after.size()) {
      if (before[i] == after[k]) {
        steps.push_back({' ', before[i++]});
        ++k;
      } else if (lengths[(i + 1) * width + k] >= lengths[i * width + k + 1]) {
        steps.push_back({'-', before[i++]});
      } else {
        steps.push_back({'+', after[k++]});
      }
    }
  }
  while (i < before.size()) steps.push_back({'-', before[i++]});
  while (k < after.size()) steps.push_back({'+', after[k++]});
  return steps;
}

std::string range(std::size_t start, std::size_t count) {
  // An empty range names the line before it.
  return std::to_string(count == 0 ? start : start + 1) + "," + std::to_string(count);
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
    out += "@@ -" + range(before_start, before_line - before_start) + " +" +
           range(after_start, after_line - after_start) + " @@\n";
    for (std::size_t i = start; i < end; ++i) {
      out += steps[i].mark;
      out += steps[i].line;
      out += '\n';
    }
  }
  return out;
}

}  // namespace cvm::webhook
