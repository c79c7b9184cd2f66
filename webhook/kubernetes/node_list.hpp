// The list half of list-and-watch, and a list of its own for commands that need the nodes once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"
#include "webhook/kubernetes/api_connection.hpp"
#include "webhook/kubernetes/cluster_access.hpp"

namespace cvm::webhook {

struct NodeList {
  std::vector<NodeFacts> nodes;
  std::string resource_version;      // where a watch goes on
  std::vector<std::string> skipped;  // why a node could not be read, one line each
};

// All pages of /api/v1/nodes over an open connection. An error with status 410 means that the list
// grew too old between two pages: start again.
boost::asio::awaitable<ApiResult<NodeList>> fetch_node_list(std::shared_ptr<ApiConnection> api);

// Blocks until the list is there or has failed. A node that cannot be read is an error here.
Result<std::vector<NodeFacts>> list_nodes(const ClusterAccess& access);

}  // namespace cvm::webhook
