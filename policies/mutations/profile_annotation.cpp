#include "policies/mutations/profile_annotation.hpp"

#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/patch_writer.hpp"

namespace cvm {

bool is_made_by(const PodView& pod, std::string_view profile) {
  const auto found = pod.annotations.find(kProfileAnnotation);
  return profile.empty() ? !found : found == profile;
}

void append_profile_annotation(const PodView& pod, std::string_view profile, PatchWriter& patch) {
  if (is_made_by(pod, profile)) return;
  const JsonPointer annotation = JsonPointer("/metadata/annotations") / kProfileAnnotation;
  if (profile.empty()) {
    patch.remove(annotation);
  } else {
    patch.add_text(annotation, profile);
  }
}

void describe_profile_gap(const PodView& pod, std::string_view profile, Problems& problems) {
  if (is_made_by(pod, profile)) return;
  problems.push_back(
      {fmt::format("annotation {} that makes this pod a CVM is missing or was changed; look for "
                   "another admission webhook that edits pods after cvm-webhook",
                   quoted(kProfileAnnotation)),
       "metadata.annotations"});
}

}  // namespace cvm
