#include "policies/nodes/node_store.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policies/nodes/taint_index.hpp"

namespace cvm {

namespace {

// Below it, a class for each node costs nothing worth saving.
constexpr std::size_t kFewClasses = 1024;
// Classes without nodes that are kept, since a label often changes back.
constexpr std::size_t kKeptEmpty = 256;
// A label with fewer values is worth an index more than it is worth the memory of its classes.
constexpr std::size_t kManyValues = 256;
constexpr std::string_view kHostname = "kubernetes.io/hostname";

class Hasher {
 public:
  void add(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
  void add(std::size_t number) {
    state_ = (state_ ^ number) * 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio
    state_ ^= state_ >> 32U;
  }
  std::size_t result() const { return state_; }

 private:
  std::size_t state_ = 0;
};

std::size_t hash_of(const NodeView& node) {
  Hasher hasher;
  for (const auto* texts : {&node.labels, &node.annotations}) {
    for (const auto& [key, value] : *texts) {
      hasher.add(key);
      hasher.add(value);
    }
  }
  for (const NodeView::Taint& taint : node.taints) {
    hasher.add(taint.key);
    hasher.add(taint.value);
    hasher.add(taint.effect);
  }
  for (const std::string_view text :
       {node.provider_id, node.kernel_version, node.os_image, node.operating_system,
        node.architecture, node.container_runtime, node.kubelet_version}) {
    hasher.add(text);
  }
  for (const auto& [resource, amount] : node.extended_resources) {
    hasher.add(resource);
    hasher.add(static_cast<std::size_t>(amount));
  }
  for (const auto& [handler, user_namespaces] : node.runtime_handlers) {
    hasher.add(handler);
    hasher.add(user_namespaces ? std::size_t{1} + *user_namespaces : std::size_t{0});
  }
  return hasher.result();
}

}  // namespace

NodeStore::NodeStore()
    : own_keys_{std::string(kHostname)},
      unlike_names_(1),
      classes_(std::make_shared<NodeClasses>()),
      class_limit_(kFewClasses) {
  for (auto& shard : shards_) shard = std::make_shared<NodeShard>();
}

NodeShard& NodeStore::writable_shard(std::string_view name) {
  const std::size_t index = NodeCatalog::shard_of(name);
  if (shards_shared_[index]) {
    shards_[index] = std::make_shared<NodeShard>(*shards_[index]);
    shards_shared_.reset(index);
  }
  return *shards_[index];
}

void NodeStore::take_own_labels(NodeView& node) {
  own_.clear();
  for (std::uint32_t key = 0; key < own_keys_.size(); ++key) {
    const auto label =
        std::find_if(node.labels.begin(), node.labels.end(),
                     [&](const auto& candidate) { return candidate.first == own_keys_[key]; });
    if (label == node.labels.end()) continue;
    own_.emplace_back(key, label->second);
    node.labels.erase(label);
  }
}

bool NodeStore::is_known_as(const NodeEntry& entry, std::uint32_t node_class) const {
  return entry.node_class == node_class &&
         std::equal(entry.own.begin(), entry.own.end(), own_.begin(), own_.end(),
                    [](const OwnLabel& known, const OwnLabelView& found) {
                      return known.key == found.first && known.value == found.second;
                    });
}

std::uint32_t NodeStore::class_of(const NodeView& node) {
  const std::size_t hash = hash_of(node);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto found = begin; found != end; ++found) {
    if (is_same_node(*(*classes_)[found->second], node)) return found->second;
  }
  return add_class(node, hash);
}

std::uint32_t NodeStore::add_class(const NodeView& node, std::size_t hash) {
  if (classes_shared_) {
    classes_ = std::make_shared<NodeClasses>(*classes_);
    classes_shared_ = false;
  }
  NodeFacts facts = node.facts();
  facts.name.clear();
  auto shared = std::make_shared<const NodeFacts>(std::move(facts));
  std::uint32_t place = 0;
  if (empty_.size() > kKeptEmpty) {
    place = empty_.front();
    empty_.erase(empty_.begin());
    const auto [begin, end] = by_hash_.equal_range(hash_of(NodeView(*(*classes_)[place])));
    by_hash_.erase(
        std::find_if(begin, end, [place](const auto& entry) { return entry.second == place; }));
    (*classes_)[place] = std::move(shared);
  } else {
    place = static_cast<std::uint32_t>(classes_->size());
    classes_->push_back(std::move(shared));
    counts_.push_back(0);
  }
  by_hash_.emplace(hash, place);
  return place;
}

void NodeStore::count_own(std::string_view name, const std::vector<OwnLabel>& own, bool adds) {
  for (const OwnLabel& label : own) {
    if (label.value == name) continue;
    adds ? ++unlike_names_[label.key] : --unlike_names_[label.key];
  }
}

void NodeStore::forget(std::string_view name, const NodeEntry& entry) {
  count_own(name, entry.own, false);
  if (--counts_[entry.node_class] == 0) empty_.push_back(entry.node_class);
}

bool NodeStore::put(const NodeFacts& node) {
  NodeView view(node);
  return put(view);
}

bool NodeStore::put(NodeView& node) {
  if (listing_) listed_.push_back(NodeNameHash{}(node.name));
  // What passes makes no other node of it.
  std::erase_if(node.taints, [](const NodeView::Taint& taint) { return is_transient(taint.key); });
  take_own_labels(node);
  const std::uint32_t node_class = class_of(node);
  const NodeShard& current = *shards_[NodeCatalog::shard_of(node.name)];
  const auto known = current.find(node.name);
  if (known != current.end() && is_known_as(known->second, node_class)) return false;

  if (counts_[node_class]++ == 0) std::erase(empty_, node_class);
  std::vector<OwnLabel> own;
  own.reserve(own_.size());
  for (const auto& [key, value] : own_) own.push_back({key, std::string(value)});
  count_own(node.name, own, true);
  if (known != current.end()) {
    forget(node.name, known->second);
  } else {
    ++size_;
  }
  writable_shard(node.name).insert_or_assign(std::string(node.name),
                                             NodeEntry{node_class, std::move(own)});
  if (classes_->size() > class_limit_ && classes_->size() > size_ / 8) rebuild();
  return true;
}

bool NodeStore::erase(std::string_view name) {
  const NodeShard& current = *shards_[NodeCatalog::shard_of(name)];
  const auto known = current.find(name);
  if (known == current.end()) return false;
  forget(name, known->second);
  --size_;
  NodeShard& shard = writable_shard(name);
  shard.erase(shard.find(name));
  return true;
}

void NodeStore::begin_list() {
  listing_ = true;
  listed_.clear();
}

bool NodeStore::end_list() {
  listing_ = false;
  std::sort(listed_.begin(), listed_.end());
  std::vector<std::string> gone;
  for (const auto& shard : shards_) {
    for (const auto& [name, entry] : *shard) {
      if (!std::binary_search(listed_.begin(), listed_.end(), NodeNameHash{}(name))) {
        gone.push_back(name);
      }
    }
  }
  for (const std::string& name : gone) erase(name);
  listed_ = {};
  return !gone.empty();
}

// True for labels that node rules read: they must stay with the class.
static bool is_read_by_rules(std::string_view key) {
  constexpr std::array<std::string_view, 5> kPrefixes = {
      "feature.node.kubernetes.io/", "cvm-webhook.io/", "eks.amazonaws.com/", "cloud.google.com/",
      "kubernetes.azure.com/"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [key](std::string_view prefix) { return key.starts_with(prefix); });
}

// The label with the most values becomes the nodes' own.
bool NodeStore::find_own_key() {
  std::unordered_map<std::string_view, std::unordered_set<std::string_view>> values;
  for (const auto& facts : *classes_) {
    for (const auto& [key, value] : facts->labels) {
      if (!is_read_by_rules(key)) values[key].insert(value);
    }
  }
  const auto most = std::max_element(
      values.begin(), values.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  if (most == values.end() || most->second.size() < kManyValues) return false;
  own_keys_.emplace_back(most->first);
  unlike_names_.push_back(0);
  return true;
}

void NodeStore::rebuild() {
  if (!find_own_key()) {
    class_limit_ = 2 * classes_->size();  // they are that different
    return;
  }
  const auto before = catalog();
  NodeStore fresh;
  fresh.own_keys_ = own_keys_;
  fresh.unlike_names_.assign(own_keys_.size(), 0);
  before->for_each_node([&](const std::string& name, const NodeEntry& entry) {
    NodeFacts node = *(*before->classes)[entry.node_class];
    node.name = name;
    for (const OwnLabel& label : entry.own) {
      node.labels.emplace(before->own_keys[label.key], label.value);
    }
    fresh.put(node);
  });
  fresh.listing_ = listing_;
  fresh.listed_ = std::move(listed_);
  *this = std::move(fresh);
}

std::shared_ptr<const NodeCatalog> make_catalog(const std::vector<NodeFacts>& nodes) {
  NodeStore store;
  for (const NodeFacts& node : nodes) store.put(node);
  return store.catalog();
}

std::shared_ptr<const NodeCatalog> NodeStore::catalog() {
  auto catalog = std::make_shared<NodeCatalog>();
  catalog->classes = classes_;
  catalog->counts = counts_;
  std::copy(shards_.begin(), shards_.end(), catalog->shards.begin());
  catalog->own_keys = own_keys_;
  catalog->unlike_names = unlike_names_;
  catalog->size = size_;
  shards_shared_.set();
  classes_shared_ = true;
  return catalog;
}

}  // namespace cvm
