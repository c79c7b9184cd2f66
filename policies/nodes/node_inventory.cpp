#include "policies/nodes/node_inventory.hpp"

#include <algorithm>
#include <utility>

#include "policies/model/pod_view.hpp"
#include "policies/nodes/candidate_search.hpp"
#include "policies/nodes/class_index.hpp"
#include "policies/nodes/node_store.hpp"

namespace cvm {

NodeInventory::NodeInventory(std::shared_ptr<const NodeCatalog> catalog,
                             std::shared_ptr<const Index> index)
    : catalog_(std::move(catalog)), index_(std::move(index)) {}

NodeInventory::~NodeInventory() = default;

std::shared_ptr<const NodeInventory> NodeInventory::build(
    std::shared_ptr<const NodeCatalog> catalog, const Settings& settings,
    const NodeInventory* before) {
  const bool same_classes = before != nullptr && before->catalog_->classes == catalog->classes;
  auto index =
      same_classes ? before->index_ : std::make_shared<const Index>(catalog->classes, settings);
  return std::shared_ptr<const NodeInventory>(
      new NodeInventory(std::move(catalog), std::move(index)));
}

std::shared_ptr<const NodeInventory> NodeInventory::build(const std::vector<NodeFacts>& nodes,
                                                          const Settings& settings) {
  return build(make_catalog(nodes), settings);
}

std::span<const NodeReason> NodeInventory::reasons() const { return index_->reasons.reasons(); }

std::span<const std::uint32_t> NodeInventory::reasons_of(std::size_t node_class) const {
  return index_->reasons.reasons_of(node_class);
}

void NodeInventory::find_candidates(const PodView& pod, const PodNeeds& needs,
                                    Candidates& out) const {
  out.clear();
  std::span<const std::uint32_t>& weights = out.weights;
  weights = CandidateSearch(*this, pod, needs, out).find();
  const auto weigh_all = [&] {
    // Each class is looked at once.
    Bitset& unusable = out.work[0];
    unusable = out.classes;
    remove(unusable, out.usable_classes);
    out.usable = weigh(out.usable_classes, weights);
    out.total = out.usable + weigh(unusable, weights);
  };
  Bitset& usable = out.usable_classes;
  usable = out.classes;
  remove(usable, index_->reasons.refused(needs.gpu));
  weigh_all();
  if (index_->has_templates()) {
    out.usable_template = weigh(usable, index_->template_weights) > 0;
    if (out.total == 0) {
      weights = index_->template_weights;
      weigh_all();
      out.of_templates = out.total > 0;
    }
  }
  if (out.total == 0) return;
  index_->reasons.count(out.classes, usable, out.usable > 0, weights, needs.gpu, out.reasons);
}

bool NodeInventory::find_sides(Candidates& found) const {
  Bitset& present = found.work[0];
  fill_none(present, index_->size());
  for (std::size_t each = 0; each < index_->size(); ++each) {
    const std::uint32_t nodes = each < catalog_->counts.size() ? catalog_->counts[each] : 1;
    if (nodes > 0) present[each / 64] |= std::uint64_t{1} << (each % 64);
  }
  Bitset& good = found.usable_classes;
  keep(good, present);
  Bitset& bad = found.work[1];
  bad = found.classes;
  keep(bad, present);
  remove(bad, good);
  // Nodes that are not there yet need no keeping off; once they are, others are kept off them.
  for (std::size_t each = catalog_->counts.size(); each < index_->size(); ++each) {
    bad[each / 64] &= ~(std::uint64_t{1} << (each % 64));
  }
  return count(good) > 0 && count(bad) > 0;
}

NodeInventory::UserNamespaces NodeInventory::user_namespaces(const Candidates& found) const {
  UserNamespaces result;
  const auto weigh_those = [&](UserNamespaceNeed need, std::uint32_t& nodes, bool& any) {
    Bitset those = found.usable_classes;
    keep(those, index_->user_namespaces.classes_of(need));
    any = count(those) > 0;
    nodes = weigh(those, found.weights);
  };
  if (found.total == 0) return result;
  weigh_those(UserNamespaceNeed::kHostUsers, result.host_users, result.any_host_users);
  weigh_those(UserNamespaceNeed::kAnnotation, result.annotation, result.any_annotation);
  return result;
}

std::optional<LabelSeparation> NodeInventory::separate_user_namespace(UserNamespaceNeed need,
                                                                      bool usable_only,
                                                                      Candidates& found) const {
  const auto other = need == UserNamespaceNeed::kHostUsers ? UserNamespaceNeed::kAnnotation
                                                           : UserNamespaceNeed::kHostUsers;
  if (usable_only) found.classes = found.usable_classes;
  remove(found.usable_classes, index_->user_namespaces.classes_of(other));
  if (!find_sides(found)) return std::nullopt;
  return index_->labels.separate(found.usable_classes, found.work[1], catalog_->own_keys);
}

Separation NodeInventory::separate(const PodView& pod, const PodNeeds& needs,
                                   Candidates& found) const {
  if (!find_sides(found)) return {};
  const Bitset& good = found.usable_classes;
  const Bitset& bad = found.work[1];
  const auto& terms = pod.required_node_affinity;
  if (terms && terms->size() > Separation::kMostTerms)
    return {Separation::Kind::kImpossible, {}, {}};

  if (auto label = index_->labels.separate(good, bad, catalog_->own_keys)) {
    return {Separation::Kind::kByLabel, std::move(*label), {}};
  }
  const std::uint32_t unusable = found.of_templates ? 0 : found.total - found.usable;
  if (unusable > Separation::kMostNames) return {Separation::Kind::kImpossible, {}, {}};
  Separation apart{Separation::Kind::kByName, {}, {}};
  for_each_candidate(pod, needs, found, [&apart](const std::string& name, bool usable) {
    if (!usable) apart.names.push_back(name);
  });
  if (apart.names.empty()) return {};
  std::sort(apart.names.begin(), apart.names.end());
  return apart;
}

void NodeInventory::for_each_candidate(
    const PodView& pod, const PodNeeds& needs, Candidates& scratch,
    const std::function<void(const std::string& name, bool usable)>& visit) const {
  CandidateSearch search(*this, pod, needs, scratch);
  if (!search.is_about_nodes()) search.find();
  const Bitset& refused = index_->reasons.refused(needs.gpu);
  search.for_each_node([&](const std::string& name, const NodeEntry& entry) {
    visit(name, (refused[entry.node_class / 64] >> (entry.node_class % 64) & 1U) == 0);
  });
}

}  // namespace cvm
