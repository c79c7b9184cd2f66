#include "webhook/commands/text_table.hpp"

#include <algorithm>

#include "webhook/commands/text_wrap.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kGap = 3;
constexpr std::size_t kLeastRoom = 24;  // of a column that is wrapped

// Where the last column begins.
std::size_t start_of_last(const std::vector<std::size_t>& widths) {
  std::size_t start = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) start += widths[i] + kGap;
  return start;
}

}  // namespace

std::string print_table(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const std::size_t start = start_of_last(widths);
  const bool wraps = width >= start + kLeastRoom;
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      out += row[i];
      out.append(widths[i] + kGap - row[i].size(), ' ');
    }
    if (row.empty()) {
      out += '\n';
    } else if (wraps && row.size() == widths.size()) {
      const std::string wrapped = wrap_text(row.back(), width, start);
      out += wrapped.substr(std::min(start, wrapped.size() - 1));
    } else {
      out += row.back() + '\n';
    }
  }
  return out;
}

}  // namespace cvm::webhook
