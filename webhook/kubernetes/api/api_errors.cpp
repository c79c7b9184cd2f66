#include "webhook/kubernetes/api/api_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <nlohmann/json.hpp>

namespace cvm::webhook {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// "nodes" of "/api/v1/nodes/a?x=y" and of "/apis/node.k8s.io/v1/nodes".
std::string_view resource_of(std::string_view target) {
  const int before = target.starts_with("/apis/") ? 4 : 3;  // slashes
  for (int slash = 0; slash < before; ++slash) {
    target.remove_prefix(std::min(target.find('/') + 1, target.size()));
  }
  return target.substr(0, target.find_first_of("/?"));
}

const char* verbs_for(http::verb method) {
  switch (method) {
    case http::verb::patch:
      return "patch";
    case http::verb::post:
      return "create";
    default:
      return "list and watch";
  }
}

}  // namespace

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

std::string failure_text(const std::string& body) {
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  std::string text = body.substr(0, 200);
  if (json.is_object() && json.contains("message") && json["message"].is_string()) {
    text = json["message"].get<std::string>();
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return trimmed(text);
}

std::string reason_of(const error_code& error) {
  if (error == http::error::partial_message || error == http::error::end_of_stream) {
    return "it closed the connection before the end of its answer";
  }
  return error.message();
}

std::string advice(unsigned status, http::verb method, std::string_view target) {
  switch (status) {
    case 401:
      return "; the token or client certificate is not accepted: renew it";
    case 403:
      return fmt::format("; bind a ClusterRole with {} on {} to this identity", verbs_for(method),
                         resource_of(target));
    default:
      return "";
  }
}

}  // namespace cvm::webhook
