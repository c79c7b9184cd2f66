// What `replay` prints.
#pragma once

#include <string>
#include <vector>

#include "webhook/recording/replayer.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

struct ReplayedCall {
  const RecordedCall* call = nullptr;
  bool was_recorded = false;  // what was decided then is call->answer, else `before`
  ReplayedAnswer before, now;

  bool was_allowed() const { return was_recorded ? call->answer->allowed : before.allowed; }
  std::set<std::string> rules_before() const {
    return was_recorded ? call->answer->rules : before.rules();
  }
};

// "refused" and "admitted": other than before. "findings": as before, for other reasons or with
// other warnings. "patch": another pod comes of it; not known of recorded answers. "unjudged":
// ReplayedAnswer::unjudged says why. "none".
std::string change_of(const ReplayedCall& call);

// `follow_ups`: calls that were judged with a creation.
std::string print_replay_as_text(const std::vector<ReplayedCall>& calls, std::size_t follow_ups,
                                 bool all, const Painter& painter);
std::string print_replay_as_json(const std::vector<ReplayedCall>& calls, std::size_t follow_ups);

}  // namespace cvm::webhook
