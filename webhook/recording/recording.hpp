// Recording: the calls of a directory that `serve --record` wrote, or AdmissionReviews from
// elsewhere (an audit webhook's, a test's).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/admission/admission_handler.hpp"

namespace cvm::webhook {

inline constexpr std::string_view kRecordingExtension = ".json";
// Of a recorded AdmissionReview, beside request and response: "mutate" or "validate".
inline constexpr const char* kEndpointKey = "endpoint";

std::string_view to_string(Endpoint endpoint);

// What was answered.
struct RecordedAnswer {
  bool allowed = false;
  std::set<std::string> rules = {};  // "gpu-cloud=deny"
  bool break_glass = false;          // let through for who asked, whose name is not recorded
};

struct RecordedCall {
  std::string file;  // its name
  Endpoint endpoint = Endpoint::kValidate;
  nlohmann::json request;  // of the review
  // Of the whole admission: a creation that the mutating call admitted and the validating call
  // refused was refused. Absent where no call of it has a response.
  std::optional<RecordedAnswer> answer;

  std::string text(const char* key) const;  // of the request; empty where there is none
  // "pods", "pods/exec"
  std::string resource() const;
  // "workspaces/alice-dev", "workspaces/web-7d9f-*" for generateName
  std::string object_name() const;
  bool creates_pod() const;
  // What the calls of one pod's creation have in common: the validating one knows a name that the
  // API server made from generateName meanwhile.
  std::string creation_key() const;
  // The pod carries a plan: the mutating call was made before.
  bool carries_plan() const;
};

struct Recording {
  // In the order of the files' names, which is that of the calls.
  std::vector<RecordedCall> calls;
  // The second mutating call and the validating call of a pod's creation: what they were asked
  // follows from the first, so they are judged with it, or not at all where that was not recorded.
  std::vector<RecordedCall> follow_ups;
};

// Files and directories (their *.json). Throws std::runtime_error, which names the file, on what is
// no AdmissionReview.
Recording read_recording(const std::vector<std::string>& paths);

}  // namespace cvm::webhook
