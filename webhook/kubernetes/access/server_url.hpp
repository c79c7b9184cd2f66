// The server of a kubeconfig cluster.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/result.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

// "https://10.0.0.1:6443", "http://[::1]:8080/prefix/" -> host, port, tls and path_prefix of
// `access`. An error says what is wrong with the URL, not where it stood.
Result<void> set_server(std::string_view url, ClusterAccess& access);

// `text` as one segment of a path or one value of a query, percent-encoded.
std::string url_segment(std::string_view text);

}  // namespace cvm::webhook
