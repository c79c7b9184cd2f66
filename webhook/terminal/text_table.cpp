#include "webhook/terminal/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t kGap = 3;     // between columns
constexpr std::size_t kIndent = 2;  // of what stands below its row

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

// Where column `count` begins.
std::size_t start_of(std::size_t count, const std::vector<std::size_t>& widths) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < count; ++i) start += widths[i] + kGap;
  return start;
}

// How many leading columns fit into `width`; the first one always does.
std::size_t count_fitting(const std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t count = 1;
  while (count < widths.size() && start_of(count + 1, widths) <= width + kGap) ++count;
  return count;
}

// The first `count` cells in a line.
std::string print_cells(const Row& row, std::size_t count, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < std::min(count, row.size()); ++i) {
    line += row[i];
    if (i + 1 < count) line.append(widths[i] + kGap - row[i].size(), ' ');
  }
  return line + '\n';
}

// The cells after the first `count`, each after its heading, as many in a line as fit.
std::string print_rest(const Row& headings, const Row& row, std::size_t count, std::size_t width) {
  std::string out, line;
  const auto flush = [&] {
    if (!line.empty()) out += wrap_text(line, width, kIndent);
    line.clear();
  };
  for (std::size_t i = count; i < row.size(); ++i) {
    const std::string cell = fmt::format("{}: {}", headings[i], row[i]);
    if (!line.empty() && kIndent + line.size() + 2 + cell.size() > width) flush();
    if (!line.empty()) line += "; ";
    line += cell;
  }
  flush();
  return out;
}

}  // namespace

std::string print_table(const std::vector<Row>& rows, std::size_t width) {
  const std::vector<std::size_t> widths = widths_of(rows);
  if (widths.empty()) return "";
  const std::size_t columns = widths.size();
  const std::size_t last = start_of(columns - 1, widths);
  const bool fits = width == 0 || last + widths.back() <= width;
  const bool wraps = !fits && width >= last && is_room_for_text(width - last);
  const bool folds = !fits && !wraps && columns > 2;
  const std::size_t count = folds ? count_fitting(widths, width) : columns;
  std::string out;
  for (const Row& row : rows) {
    if (wraps) {
      out += print_cells(row, columns, widths).substr(0, last);
      out += wrap_after(last, row.back(), width);
      continue;
    }
    out += print_cells(row, count, widths);
    if (folds && &row != &rows.front()) out += print_rest(rows.front(), row, count, width);
  }
  return out;
}

}  // namespace cvm::webhook
