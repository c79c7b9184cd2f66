#include "policies/model/known_pods.hpp"

#include <algorithm>
#include <functional>

#include "policies/model/extended_requests.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"

namespace cvm {

namespace {

void add_extended(const KeyValues& amounts, std::vector<std::string>& names) {
  for (const KeyValue& amount : amounts) {
    if (!is_extended_resource(amount.key)) continue;
    const auto quantity = parse_quantity(amount.value);
    if (!quantity || *quantity > 0) names.emplace_back(amount.key);
  }
}

// Of the containers that gpu_requests() reads of a pod that is created.
std::vector<std::string> extended_resources(const PodView& pod) {
  std::vector<std::string> names;
  pod.for_each_container([&names](const Container& container) {
    if (container.name == kSupervisorName) return;
    add_extended(container.requests, names);
    add_extended(container.limits, names);
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> claims_of(const PodView& pod) {
  std::vector<std::string> claims;
  for (const Volume& volume : pod.volumes) {
    std::string claim = claim_of(volume, pod);
    if (!claim.empty()) claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace

KnownPod known_pod(const PodView& pod, std::string_view uid) {
  KnownPod known;
  known.uid = uid;
  known.is_cvm = is_cvm_pod(pod);
  if (known.is_cvm) {
    known.supervisor = supervisor_name(pod);
    known.profile = pod.annotations.find(kProfileAnnotation).value_or(std::string_view());
    if (pod.containers.size() == 1) known.only_container = pod.containers.front().name;
  }
  const bool is_bound = !pod.node_name.empty();
  if (is_bound) return known;
  known.claims = claims_of(pod);
  if (known.is_cvm) known.extended_resources = extended_resources(pod);
  return known;
}

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
