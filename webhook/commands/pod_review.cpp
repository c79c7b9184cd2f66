#include "webhook/commands/pod_review.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "webhook/commands/unusable.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kDefaultNamespace = "default";
constexpr std::string_view kUid = "00000000-0000-4000-8000-000000000000";
// How the decoder's paths begin.
constexpr std::string_view kObjectPath = "request.object";

}  // namespace

std::string metadata_string(const OrderedJson& pod, const char* key) {
  const auto metadata = pod.find("metadata");
  if (metadata == pod.end() || !metadata->is_object()) return {};
  const auto found = metadata->find(key);
  return found != metadata->end() && found->is_string() ? found->get<std::string>() : "";
}

std::string namespace_of(const OrderedJson& pod) {
  std::string ns = metadata_string(pod, "namespace");
  return ns.empty() ? std::string(kDefaultNamespace) : ns;
}

std::string make_review(const OrderedJson& pod) {
  const OrderedJson kind = {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}};
  const OrderedJson resource = {{"group", ""}, {"version", "v1"}, {"resource", "pods"}};
  const OrderedJson review = {
      {"kind", "AdmissionReview"},
      {"apiVersion", "admission.k8s.io/v1"},
      {"request",
       {{"uid", kUid},
        {"kind", kind},
        {"resource", resource},
        {"requestKind", kind},
        {"requestResource", resource},
        {"name", metadata_string(pod, "name")},
        {"namespace", namespace_of(pod)},
        {"operation", "CREATE"},
        {"userInfo", {{"username", "eval"}, {"groups", {"system:authenticated"}}}},
        {"object", pod},
        {"oldObject", nullptr},
        {"dryRun", true},
        {"options", {{"kind", "CreateOptions"}, {"apiVersion", "meta.k8s.io/v1"}}}}}};
  return review.dump();
}

void fail_unreadable(const InputFile& file, const PodDocument& pod, std::string message) {
  if (!message.starts_with(kObjectPath)) throw std::runtime_error(message);
  message.erase(0, kObjectPath.size());
  if (message.starts_with('.')) message.erase(0, 1);
  const std::string field = message.substr(0, std::min(message.find(": "), message.size()));
  throw Unusable(file.place_of_field(*pod.document, pod.base, field) + message);
}

}  // namespace cvm::webhook
