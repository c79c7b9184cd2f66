#include "policies/model/known_pods.hpp"

#include <functional>

namespace cvm {

std::size_t KnownPods::part_of(std::string_view ns, std::string_view name) {
  const std::hash<std::string_view> hash;
  return (hash(ns) * 31 + hash(name)) % kParts;
}

const KnownPod* KnownPods::find(std::string_view ns, std::string_view name) const {
  const auto& part = parts_[part_of(ns, name)];
  if (!part) return nullptr;
  const auto found = part->find(NamespacedNameView(ns, name));
  return found == part->end() ? nullptr : &found->second;
}

std::size_t KnownPods::size() const {
  std::size_t count = 0;
  for (const auto& part : parts_) count += part ? part->size() : 0;
  return count;
}

bool KnownPods::has_cvm_in(std::string_view ns) const {
  for (const auto& part : parts_) {
    if (!part) continue;
    for (auto pod = part->lower_bound(NamespacedNameView(ns, ""));
         pod != part->end() && pod->first.first == ns; ++pod) {
      if (pod->second.is_cvm) return true;
    }
  }
  return false;
}

bool KnownPods::put(std::string_view ns, std::string_view name, KnownPod pod) {
  if (const KnownPod* known = find(ns, name); known != nullptr && *known == pod) return false;
  auto& part = parts_[part_of(ns, name)];
  auto changed = part ? std::make_shared<Part>(*part) : std::make_shared<Part>();
  changed->insert_or_assign({std::string(ns), std::string(name)}, std::move(pod));
  part = std::move(changed);
  return true;
}

bool KnownPods::erase(std::string_view ns, std::string_view name) {
  if (find(ns, name) == nullptr) return false;
  auto& part = parts_[part_of(ns, name)];
  auto changed = std::make_shared<Part>(*part);
  changed->erase(changed->find(NamespacedNameView(ns, name)));
  part = std::move(changed);
  return true;
}

}  // namespace cvm
