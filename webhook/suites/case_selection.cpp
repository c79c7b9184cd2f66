#include "webhook/suites/case_selection.hpp"

#include <regex>

namespace cvm::webhook {

std::string find_pattern_mistake(const std::string& pattern) {
  try {
    static_cast<void>(std::regex(pattern));
    return {};
  } catch (const std::regex_error& error) {
    return error.what();
  }
}

void select_cases(Suite& suite, const std::string& pattern) {
  if (pattern.empty()) return;
  const std::regex wanted(pattern);
  std::erase_if(suite.cases,
                [&](const SuiteCase& one) { return !std::regex_search(suite.id_of(one), wanted); });
}

}  // namespace cvm::webhook
