// Node objects as JSON -> NodeView and NodeFacts, for files and for the API server's lists and
// watch events.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/node_view.hpp"
#include "policies/model/result.hpp"

namespace cvm::webhook {

// One Node object. Unknown fields are ignored; a wrong type is an error that names its path.
Result<NodeFacts> decode_node(simdjson::dom::element node);
// The same as views into the parsed document, which must outlive `out`; returns what is wrong with
// the node, or nothing.
std::optional<Error> decode_node(simdjson::dom::element node, NodeView& out);

// A Node, a NodeList or a v1 List of Nodes.
Result<std::vector<NodeFacts>> decode_nodes(std::string_view json);

}  // namespace cvm::webhook
