#include "webhook/kubernetes/watchers/carried_marks.hpp"

#include <utility>

namespace cvm::webhook {
namespace {

using MaybeObject = simdjson::simdjson_result<simdjson::dom::element>;

std::string entry(const MaybeObject& map, std::string_view key) {
  std::string_view text;
  if (map.at_key(key).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

}  // namespace

NodeMarks read_marks(simdjson::dom::element node) {
  const MaybeObject metadata = node["metadata"];
  const MaybeObject labels = metadata["labels"];
  return {.cvm = entry(labels, kCvmNodeLabel),
          .cvm_gpu = entry(labels, kCvmGpuNodeLabel),
          .reasons = entry(metadata["annotations"], kCvmReasonsAnnotation)};
}

void CarriedMarks::replace(Digests all) {
  if (digests_ == all) return;
  digests_ = std::move(all);
  ++version_;
}

void CarriedMarks::put(const std::string& node, std::uint64_t digest) {
  const auto [found, is_new] = digests_.try_emplace(node, digest);
  if (!is_new && found->second == digest) return;
  found->second = digest;
  ++version_;
}

void CarriedMarks::erase(const std::string& node) {
  if (digests_.erase(node) > 0) ++version_;
}

std::optional<std::uint64_t> CarriedMarks::of(const std::string& node) const {
  const auto found = digests_.find(node);
  if (found == digests_.end()) return std::nullopt;
  return found->second;
}

}  // namespace cvm::webhook
