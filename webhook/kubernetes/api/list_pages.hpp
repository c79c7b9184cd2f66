// The list half of list-and-watch.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "webhook/kubernetes/api/api_connection.hpp"
#include "webhook/kubernetes/api/watched_resource.hpp"

namespace cvm::webhook {

struct ListOutcome {
  std::string resource_version;  // where a watch goes on
  std::size_t count = 0;
  std::vector<std::string> skipped;  // why an object was left out, one line each
};

// All pages of a resource over an open connection, from begin_list() to end_list(); the latter is
// called when the list is complete. An error with status 410 means that the list grew too old
// between two pages: start again.
boost::asio::awaitable<ApiResult<ListOutcome>> fetch_list(std::shared_ptr<ApiConnection> api,
                                                          WatchedResource resource,
                                                          std::shared_ptr<ObjectReceiver> receiver);

}  // namespace cvm::webhook
