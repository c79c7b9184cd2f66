#include "webhook/kubernetes/watchers/node_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "policies/model/extended_requests.hpp"
#include "policies/model/quantity.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/nodes/node_marks.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

std::string_view name_of(simdjson::dom::element_type type) {
  using simdjson::dom::element_type;
  switch (type) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

constexpr std::string_view kOurPrefix = "cvm-webhook.io/";
constexpr double kMostPieces = 9.0e18;  // below 2^63

// Reads fields of one Node and keeps the first mistake; absent and null fields are empty.
class NodeReader {
 public:
  // `path` says where the node stands: "" or "items[3]".
  explicit NodeReader(std::string path) : path_(std::move(path)) {}

  std::optional<Error> read(Element node, NodeView& facts) {
    facts.clear();
    const auto root = as_object(node, "");
    if (!root) return error();
    if (const auto kind = string(*root, "", "kind"); !kind.empty() && kind != "Node") {
      fail("kind", fmt::format("expected Node, found {}", kind));
    }
    if (const auto metadata = object(*root, "", "metadata")) {
      facts.name = string(*metadata, "metadata", "name");
      read_labels(*metadata, facts);
      read_annotations(*metadata, facts);
    }
    if (facts.name.empty()) fail("metadata.name", "expected a name, found nothing");
    if (const auto spec = object(*root, "", "spec")) {
      const std::string_view id = string(*spec, "spec", "providerID");
      facts.provider_id = id.substr(0, provider_id_prefix(id).size());
      read_taints(*spec, facts);
    }
    if (const auto status = object(*root, "", "status")) {
      if (const auto system = object(*status, "status", "nodeInfo")) {
        read_system(*system, facts);
      }
      read_allocatable(*status, facts);
      read_handlers(*status, facts);
    }
    if (!fault_.empty()) return error();
    facts.sort();
    return std::nullopt;
  }

 private:
  Error error() const { return Error{fault_}; }

  void fail(std::string_view where, const std::string& message) {
    if (!fault_.empty()) return;
    fault_ = path_;
    if (!path_.empty() && !where.empty()) fault_ += '.';
    fault_ += where;
    if (!fault_.empty()) fault_ += ": ";
    fault_ += message;
  }

  static std::string join(std::string_view parent, std::string_view key) {
    std::string path(parent);
    if (!path.empty()) path += '.';
    return path.append(key);
  }

  void fail_type(std::string_view where, std::string_view expected, Element found) {
    fail(where, fmt::format("expected {}, found {}", expected, name_of(found.type())));
  }

  std::optional<Object> as_object(Element element, std::string_view where) {
    Object object;
    if (element.get(object) == simdjson::SUCCESS) return object;
    fail_type(where, "an object", element);
    return std::nullopt;
  }

  static std::optional<Element> field(Object parent, std::string_view key) {
    Element element;
    if (parent.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) {
      return std::nullopt;
    }
    return element;
  }

  std::optional<Object> object(Object parent, std::string_view path, std::string_view key) {
    const auto element = field(parent, key);
    Object object;
    if (!element) return std::nullopt;
    if (element->get(object) == simdjson::SUCCESS) return object;
    fail_type(join(path, key), "an object", *element);
    return std::nullopt;
  }

  std::string_view string(Object parent, std::string_view path, std::string_view key) {
    const auto element = field(parent, key);
    std::string_view text;
    if (element && element->get(text) != simdjson::SUCCESS) {
      fail_type(join(path, key), "a string", *element);
    }
    return text;
  }

  void read_labels(Object metadata, NodeView& facts) {
    const auto labels = object(metadata, "metadata", "labels");
    if (!labels) return;
    for (const auto& [key, value] : *labels) {
      if (is_node_mark(key)) continue;  // ours; a node that is marked is the same node
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) {
        facts.labels.emplace_back(key, text);
      } else {
        fail_type(fmt::format("metadata.labels[{}]", key), "a string", value);
      }
    }
  }

  void read_annotations(Object metadata, NodeView& facts) {
    const auto annotations = object(metadata, "metadata", "annotations");
    if (!annotations) return;
    for (const auto& [key, value] : *annotations) {
      std::string_view text;
      if (!key.starts_with(kOurPrefix) || key == kCvmReasonsAnnotation) continue;
      if (value.get(text) == simdjson::SUCCESS) facts.annotations.emplace_back(key, text);
    }
  }

  void read_allocatable(Object status, NodeView& facts) {
    const auto allocatable = object(status, "status", "allocatable");
    if (!allocatable) return;
    for (const auto& [resource, value] : *allocatable) {
      std::string_view text;
      if (!is_extended_resource(resource) || value.get(text) != simdjson::SUCCESS) continue;
      const auto amount = parse_quantity(text);
      if (!amount || !(*amount >= 1)) continue;
      facts.extended_resources.emplace_back(
          resource, static_cast<std::int64_t>(std::min(*amount, kMostPieces)));
    }
  }

  // What is of a wrong type counts as not said, as in read_allocatable().
  static void read_handlers(Object status, NodeView& facts) {
    const auto element = field(status, "runtimeHandlers");
    simdjson::dom::array handlers;
    if (!element || element->get(handlers) != simdjson::SUCCESS) return;
    for (const Element handler : handlers) {
      std::string_view name;
      bool says = false;
      Element named;
      if (!handler.is_object()) continue;
      if (handler["name"].get(named) == simdjson::SUCCESS && named.get(name) != simdjson::SUCCESS) {
        continue;
      }
      const bool has = handler["features"]["userNamespaces"].get(says) == simdjson::SUCCESS;
      facts.runtime_handlers.emplace_back(name, has ? std::optional(says) : std::nullopt);
    }
  }

  void read_taints(Object spec, NodeView& facts) {
    const auto element = field(spec, "taints");
    if (!element) return;
    simdjson::dom::array taints;
    if (element->get(taints) != simdjson::SUCCESS) {
      return fail_type("spec.taints", "a list", *element);
    }
    std::size_t index = 0;
    for (const Element item : taints) {
      const std::string path = fmt::format("spec.taints[{}]", index++);
      if (const auto taint = as_object(item, path)) {
        facts.taints.push_back({string(*taint, path, "key"), string(*taint, path, "value"),
                                string(*taint, path, "effect")});
      }
    }
  }

  void read_system(Object system, NodeView& facts) {
    const auto read = [&](std::string_view key) { return string(system, "status.nodeInfo", key); };
    facts.kernel_version = read("kernelVersion");
    facts.os_image = read("osImage");
    facts.operating_system = read("operatingSystem");
    facts.architecture = read("architecture");
    facts.container_runtime = read("containerRuntimeVersion");
    facts.kubelet_version = read("kubeletVersion");
  }

  std::string path_;
  std::string fault_;
};

}  // namespace

std::optional<Error> decode_node(Element node, NodeView& out) {
  return NodeReader("").read(node, out);
}

Result<NodeFacts> decode_node(Element node) {
  NodeView view;
  if (auto fault = decode_node(node, view)) return std::move(*fault);
  return view.facts();
}

Result<std::vector<NodeFacts>> decode_nodes(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto fault = parser.parse(json.data(), json.size()).get(root);
      fault != simdjson::SUCCESS) {
    return Error{fmt::format("expected JSON: {}", simdjson::error_message(fault))};
  }
  std::string_view kind;
  if (root["kind"].get(kind) != simdjson::SUCCESS) {
    return Error{"kind: expected Node, NodeList or List, found nothing"};
  }
  std::vector<NodeFacts> nodes;
  if (kind == "Node") {
    auto node = decode_node(root);
    if (!node) return node.error();
    nodes.push_back(std::move(*node));
    return nodes;
  }
  if (kind != "NodeList" && kind != "List") {
    return Error{fmt::format("kind: expected Node, NodeList or List, found {}", kind)};
  }
  const auto found = root["items"];
  simdjson::dom::array items;
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return nodes;
  if (found.get(items) != simdjson::SUCCESS) {
    return Error{
        fmt::format("items: expected a list, found {}", name_of(found.value_unsafe().type()))};
  }
  NodeView view;
  for (const Element item : items) {
    NodeReader reader(fmt::format("items[{}]", nodes.size()));
    if (auto fault = reader.read(item, view)) return std::move(*fault);
    nodes.push_back(view.facts());
  }
  return nodes;
}

}  // namespace cvm::webhook
