// A check of a preflight: what it reads, and what it can say.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "policies/model/profile_settings.hpp"
#include "webhook/doctor/cluster_facts.hpp"

namespace cvm::webhook {

// In the order of their weight: a check has the status of its weightiest finding.
enum class CheckStatus { kPass, kSkip, kWarn, kFail };

std::string_view to_string(CheckStatus status);  // "pass", "skip", "warn", "fail"

struct CheckFinding {
  CheckStatus status = CheckStatus::kPass;
  std::string message;
  std::string fix = {};  // a command line that mends it, or tells more; empty with kPass alone
};

class Findings {
 public:
  void pass(std::string message) { add({CheckStatus::kPass, std::move(message)}); }
  void skip(std::string message, std::string fix) {
    add({CheckStatus::kSkip, std::move(message), std::move(fix)});
  }
  void warn(std::string message, std::string fix) {
    add({CheckStatus::kWarn, std::move(message), std::move(fix)});
  }
  void fail(std::string message, std::string fix) {
    add({CheckStatus::kFail, std::move(message), std::move(fix)});
  }
  void add(CheckFinding finding) { all_.push_back(std::move(finding)); }
  // pass(), where nothing was said yet.
  void pass_if_silent(std::string message) {
    if (all_.empty()) pass(std::move(message));
  }

  const std::vector<CheckFinding>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  CheckStatus status() const {
    CheckStatus worst = CheckStatus::kPass;
    for (const CheckFinding& finding : all_) worst = std::max(worst, finding.status);
    return worst;
  }

 private:
  std::vector<CheckFinding> all_;
};

// The settings by which the cluster is checked, and where they are from.
struct CheckedSettings {
  ProfiledSettings settings;
  CheckFinding origin;
};

struct CheckInput {
  const ClusterFacts& facts;
  const CheckedSettings& settings;
  certs::TimePoint now;
};

}  // namespace cvm::webhook
