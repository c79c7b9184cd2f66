#include "policies/mutations/user_namespace.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "policies/mutations/plan_parts.hpp"

namespace cvm {

namespace {

constexpr std::string_view kSource = "; change the pod's source, so that nothing need be put right";

constexpr std::string_view kSize = "auto:size=";
constexpr std::uint32_t kLeastSize = 65536;  // identifiers that Sysbox gives a container

std::string annotation_field() {
  return fmt::format("metadata.annotations[{}]", kUsernsModeAnnotation);
}

constexpr JsonPointer kAnnotations = "/metadata/annotations";

void append_annotation(const PodView& pod, PatchWriter& patch) {
  const auto mode = pod.annotations.find(kUsernsModeAnnotation);
  if (mode && gives_user_namespace(*mode)) return;
  patch.map(kAnnotations, true).set(kUsernsModeAnnotation, kUsernsMode, mode.has_value());
}

void remove_annotation(const PodView& pod, PatchWriter& patch) {
  if (!pod.annotations.find(kUsernsModeAnnotation)) return;
  patch.remove(kAnnotations / kUsernsModeAnnotation);
}

void describe_host_users(const PodView& pod, Problems& problems) {
  if (pod.host_users == true) {
    problems.push_back(
        {fmt::format("hostUsers is true and without a user namespace Sysbox cannot run the pod on "
                     "the nodes that it may land on; it is set to false{}",
                     kSource),
         "spec.hostUsers"});
  }
  if (pod.annotations.find(kUsernsModeAnnotation)) {
    problems.push_back(
        {fmt::format("the annotation {} gives no user namespace on the nodes that the pod may land "
                     "on, which need hostUsers: false; it is removed{}",
                     kUsernsModeAnnotation, kSource),
         annotation_field()});
  }
}

void describe_annotation(const PodView& pod, Problems& problems) {
  if (pod.host_users == false) {
    problems.push_back({fmt::format("hostUsers is false and the nodes that the pod may land on "
                                    "need the annotation {} instead; it is removed{}",
                                    kUsernsModeAnnotation, kSource),
                        "spec.hostUsers"});
  }
  const auto mode = pod.annotations.find(kUsernsModeAnnotation);
  if (!mode || mode == kUsernsMode) return;
  if (gives_user_namespace(*mode)) {
    problems.push_back({fmt::format("the annotation {} is {}, which is left as it is, and Sysbox "
                                    "names {} only; use that, or remove the annotation",
                                    kUsernsModeAnnotation, quoted(*mode), quoted(kUsernsMode)),
                        annotation_field()});
    return;
  }
  problems.push_back(
      {fmt::format("the annotation {} is {}, which gives no user namespace that Sysbox can run in; "
                   "it is set to {}{}",
                   kUsernsModeAnnotation, quoted(*mode), quoted(kUsernsMode), kSource),
       annotation_field()});
}

}  // namespace

bool gives_user_namespace(std::string_view userns_mode) {
  if (userns_mode == "auto") return true;
  if (!userns_mode.starts_with(kSize)) return false;
  userns_mode.remove_prefix(kSize.size());
  std::uint32_t size = 0;
  const char* const begin = userns_mode.data();
  const char* const end = begin + userns_mode.size();
  const auto [stop, error] = std::from_chars(begin, end, size);
  return error == std::errc{} && stop == end && size >= kLeastSize;
}

std::optional<UserNamespaceNeed> user_namespace_of(const PodView& pod) {
  const auto mode = pod.annotations.find(kUsernsModeAnnotation);
  if (pod.host_users == false) {
    if (mode) return std::nullopt;
    return UserNamespaceNeed::kHostUsers;
  }
  if (mode && gives_user_namespace(*mode)) return UserNamespaceNeed::kAnnotation;
  return std::nullopt;
}

void append_user_namespace(const PodView& pod, UserNamespaceNeed need, PatchWriter& patch) {
  if (need == UserNamespaceNeed::kHostUsers) {
    if (pod.host_users != false) patch.add("/spec/hostUsers", "false");
    remove_annotation(pod, patch);
    return;
  }
  if (pod.host_users == false) patch.remove("/spec/hostUsers");
  append_annotation(pod, patch);
}

void describe_stale(const PodView& pod, UserNamespaceNeed need, Problems& problems) {
  if (need == UserNamespaceNeed::kHostUsers) return describe_host_users(pod, problems);
  describe_annotation(pod, problems);
}

}  // namespace cvm
