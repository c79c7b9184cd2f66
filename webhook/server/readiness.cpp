#include "webhook/server/readiness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cvm::webhook {
namespace {

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, 1, "; ");
  }
  return text;
}

}  // namespace

void Readiness::set(std::string_view check, bool holds, std::string detail) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(checks_.begin(), checks_.end(),
                                  [&](const Check& entry) { return entry.name == check; });
  if (found == checks_.end()) {
    checks_.push_back({std::string(check), holds, std::move(detail)});
  } else {
    found->holds = holds;
    found->detail = std::move(detail);
  }
}

bool Readiness::is_ready() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(checks_.begin(), checks_.end(),
                     [](const Check& check) { return check.holds; });
}

std::string Readiness::describe(bool verbose) const {
  const std::lock_guard lock(mutex_);
  std::string text;
  bool ready = true;
  for (const Check& check : checks_) {
    ready = ready && check.holds;
    if (!verbose && check.holds) continue;
    text += check.holds ? "[+]" : "[-]";
    text += check.name;
    text += check.holds ? " ok" : " failed";
    if (!check.detail.empty()) text += ": " + check.detail;
    text += '\n';
  }
  if (!verbose && ready) return "ok\n";
  text += ready ? "ready\n" : "not ready\n";
  return text;
}

std::string with_failure(std::string detail, const std::string& failure) {
  if (failure.empty()) return detail;
  if (!detail.empty()) detail += "; ";
  return fmt::format("{}not up to date: {}", detail, one_line(failure));
}

}  // namespace cvm::webhook
