#include "webhook/kubernetes/access/server_url.hpp"

#include <fmt/format.h>

#include <boost/url.hpp>
#include <string>

namespace cvm::webhook {

Result<void> set_server(std::string_view url, ClusterAccess& access) {
  const std::string quoted = fmt::format("\"{}\"", url);
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(url.data(), url.size()));
  if (!parsed || !parsed->has_authority() || parsed->encoded_host().empty()) {
    return Error{fmt::format("{} is not a URL; expected https://HOST:PORT", quoted)};
  }
  if (parsed->scheme() != "https" && parsed->scheme() != "http") {
    return Error{
        fmt::format("{} has the scheme {}; expected https or http", quoted, parsed->scheme())};
  }
  if (parsed->has_userinfo()) {
    return Error{
        "it carries a user name or password, which API servers do not take; give a token "
        "or a client certificate in the kubeconfig's user"};
  }
  if (parsed->has_query() || parsed->has_fragment()) {
    return Error{fmt::format("{} has a query or a fragment; expected https://HOST:PORT", quoted)};
  }
  access.tls = parsed->scheme() == "https";
  access.host = std::string(parsed->host_address());
  access.port = std::string(parsed->port());
  if (access.port.empty()) access.port = access.tls ? "443" : "80";
  // A port of five digits may still be too large; the URL grammar takes any number.
  if (access.port.size() > 5 || std::stoi(access.port) > 65535 || std::stoi(access.port) == 0) {
    return Error{fmt::format("{} has the port {}; expected 1 to 65535", quoted, access.port)};
  }
  access.path_prefix = std::string(parsed->encoded_path());
  while (access.path_prefix.ends_with('/')) access.path_prefix.pop_back();
  return {};
}

std::string url_segment(std::string_view text) {
  return boost::urls::encode(boost::urls::string_view(text.data(), text.size()),
                             boost::urls::unreserved_chars);
}

}  // namespace cvm::webhook
