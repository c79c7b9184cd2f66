#include "policies/calls/new_findings.hpp"

#include <algorithm>
#include <utility>

namespace cvm {

void add_new_findings(Verdict& after, const Verdict& before, Verdict& out) {
  for (Finding& finding : after.findings) {
    const bool said_before = std::any_of(
        before.findings.begin(), before.findings.end(), [&finding](const Finding& other) {
          return other.rule == finding.rule && other.message == finding.message &&
                 other.field == finding.field;
        });
    if (!said_before) out.add(std::move(finding));
  }
}

}  // namespace cvm
