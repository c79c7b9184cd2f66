// Node objects as JSON -> NodeFacts, for files and for the API server's lists and watch events.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"

namespace cvm::webhook {

// One Node object. Unknown fields are ignored; a wrong type is an error that names its path.
Result<NodeFacts> decode_node(simdjson::dom::element node);

// A Node, a NodeList or a v1 List of Nodes.
Result<std::vector<NodeFacts>> decode_nodes(std::string_view json);

}  // namespace cvm::webhook
