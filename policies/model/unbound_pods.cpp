#include "policies/model/unbound_pods.hpp"

#include <functional>

namespace cvm {

std::size_t UnboundPods::part_of(std::string_view ns, std::string_view name) {
  const std::hash<std::string_view> hash;
  return (hash(ns) * 31 + hash(name)) % kParts;
}

const UnboundPod* UnboundPods::find(std::string_view ns, std::string_view name) const {
  const auto& part = parts_[part_of(ns, name)];
  if (!part) return nullptr;
  const auto found = part->find(View(ns, name));
  return found == part->end() ? nullptr : &found->second;
}

std::size_t UnboundPods::size() const {
  std::size_t count = 0;
  for (const auto& part : parts_) count += part ? part->size() : 0;
  return count;
}

bool UnboundPods::put(std::string_view ns, std::string_view name, UnboundPod pod) {
  if (const UnboundPod* known = find(ns, name); known != nullptr && *known == pod) return false;
  auto& part = parts_[part_of(ns, name)];
  auto changed = part ? std::make_shared<Part>(*part) : std::make_shared<Part>();
  changed->insert_or_assign({std::string(ns), std::string(name)}, std::move(pod));
  part = std::move(changed);
  return true;
}

bool UnboundPods::erase(std::string_view ns, std::string_view name) {
  if (find(ns, name) == nullptr) return false;
  auto& part = parts_[part_of(ns, name)];
  auto changed = std::make_shared<Part>(*part);
  changed->erase(changed->find(View(ns, name)));
  part = std::move(changed);
  return true;
}

}  // namespace cvm
