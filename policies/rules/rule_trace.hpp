// RuleTrace: what each rule of the catalogue had to do with a decision, written by the engine while
// it decides, where somebody asked for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/finding.hpp"
#include "policies/model/rule_descriptor.hpp"

namespace cvm {

enum class RuleUse : std::uint8_t {
  kNotReached,  // its turn did not come: the decision was made before, or another call asks it
  kSkipped,     // its turn came, and it has no say: it is off, or not about such a pod or call
  kPassed,      // it was asked and found nothing
  kFound,
};

// Why a rule was not asked.
enum class RuleSkip : std::uint8_t {
  kNone,
  kOtherCall,
  kAdmissionPolicy,
  kOff,
  kNoLevel,
  kStaleNodesAllowed,
  kTemplatesOff,
  kNoCvm,
  kNotCvm,
  kNoWorkspace,
  kNoContainer,
  kCovered,
  kNoProfiles,
  kNoProfile,
  kFinalPod,
  kFirstPod,
  kRefusedBefore,
  kUnknownNodes,
  kStaleNodes,
  kNoCandidate,
  kCandidates,
  kNodeChosen,
  kNodesMarked,
  kSeparated,
  kNoGpu,
  kNoSupervisor,
  kNotNative,
  kUnknownNamespace,
  kUnknownClass,
  kClassMissing,
  kMissingClassRefused,
  kAbsentPod,
  kUnknownPod,
  kNoMetadata,
  kUnknownVolumes,
};

class RuleTrace {
 public:
  struct Entry {
    RuleUse use = RuleUse::kNotReached;
    RuleSkip skip = RuleSkip::kRefusedBefore;  // kNone where it was asked
  };

  // Forgets everything. `call`: that is decided; nothing: one that no rule judges.
  void begin(std::optional<RuleCall> call);
  // The rule is asked; what it finds is in the verdict.
  void ask(const RuleDescriptor& rule);
  // Of a rule that has a say in such a call.
  void skip(const RuleDescriptor& rule, RuleSkip why);
  // Nothing more is asked: why not, for all rules of which nothing was said yet.
  void skip_rest(RuleSkip why);
  // The decision is made.
  void end(const Verdict& verdict);

  bool empty() const { return entries_.empty(); }
  Entry of(const RuleDescriptor& rule) const;
  // Why it was not asked, as a sentence begins: "the pod requests no GPU"; empty: it was.
  std::string why_not_asked(const RuleDescriptor& rule) const;

  // What the next call of the same admission did besides: of two entries, the one counts in which
  // the rule had more to say, else the later.
  void join(const RuleTrace& later);

 private:
  Entry& at(const RuleDescriptor& rule);

  std::vector<Entry> entries_;  // beside all_rules(); empty: nobody asked
};

// Where the engine writes: nowhere, unless somebody asked for a trace.
class TracePen {
 public:
  TracePen() = default;
  explicit TracePen(RuleTrace* trace) : trace_(trace) {}

  explicit operator bool() const { return trace_ != nullptr; }
  RuleTrace* trace() const { return trace_; }

  void begin(std::optional<RuleCall> call) const {
    if (trace_ != nullptr) trace_->begin(call);
  }
  void ask(const RuleDescriptor& rule) const {
    if (trace_ != nullptr) trace_->ask(rule);
  }
  void skip(const RuleDescriptor& rule, RuleSkip why) const {
    if (trace_ != nullptr) trace_->skip(rule, why);
  }
  // Asks a rule that is on.
  void ask(const RuleDescriptor& rule, RuleAction action) const {
    if (trace_ == nullptr) return;
    action == RuleAction::kOff ? trace_->skip(rule, RuleSkip::kOff) : trace_->ask(rule);
  }
  void skip_rest(RuleSkip why) const {
    if (trace_ != nullptr) trace_->skip_rest(why);
  }
  void end(const Verdict& verdict) const {
    if (trace_ != nullptr) trace_->end(verdict);
  }

 private:
  RuleTrace* trace_ = nullptr;
};

// For as long as it lives, the engine writes to another trace; null: nowhere.
class TraceTo {
 public:
  TraceTo(TracePen& pen, RuleTrace* trace)
      : pen_(pen), before_(std::exchange(pen, TracePen(trace))) {}
  ~TraceTo() { pen_ = before_; }
  TraceTo(const TraceTo&) = delete;
  TraceTo& operator=(const TraceTo&) = delete;

 private:
  TracePen& pen_;
  const TracePen before_;
};

}  // namespace cvm
