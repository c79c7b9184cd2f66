#include "webhook/server/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "webhook/formats/duration.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kMetricsText = "text/plain; version=0.0.4; charset=utf-8";

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                                : character;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char one, char other) { return lower(one) == lower(other); });
}

// "application/json" of "application/json; charset=utf-8".
std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && (content_type.back() == ' ' || content_type.back() == '\t')) {
    content_type.remove_suffix(1);
  }
  return content_type;
}

Target target_of(std::string_view path) {
  if (path == "/mutate") return Target::kMutate;
  if (path == "/validate") return Target::kValidate;
  if (path == "/healthz") return Target::kHealthz;
  if (path == "/readyz") return Target::kReadyz;
  if (path == "/metrics") return Target::kMetrics;
  return Target::kNone;
}

bool is_review(Target target) { return target == Target::kMutate || target == Target::kValidate; }

// What a client sent, for a message: cut, and without what a terminal would obey.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char character : text.substr(0, 80)) {
    result += character >= ' ' && character < 0x7F && character != '"' ? character : '?';
  }
  return result + (text.size() > 80 ? "...\"" : "\"");
}

// The value of a parameter of the target's query, empty where it has none; nullopt: it is not
// there.
std::optional<std::string_view> find_parameter(std::string_view target, std::string_view name) {
  target.remove_prefix(std::min(target.size(), target.find('?')));
  while (!target.empty()) {
    target.remove_prefix(1);
    const std::string_view parameter = target.substr(0, target.find('&'));
    const std::size_t end = std::min(parameter.size(), parameter.find('='));
    if (parameter.substr(0, end) == name)
      return parameter.substr(std::min(parameter.size(), end + 1));
    target.remove_prefix(parameter.size());
  }
  return std::nullopt;
}

// A client that does not say gets what Kubernetes gives a webhook that names no timeout.
std::chrono::milliseconds patience_of(std::string_view target) {
  constexpr std::chrono::milliseconds kDefault{10'000}, kMost{30'000};
  const auto text = find_parameter(target, "timeout");
  const auto given =
      text ? parse_fine_duration(*text) : Result<std::chrono::milliseconds>(kDefault);
  return given && given->count() > 0 ? std::min(*given, kMost) : kDefault;
}

}  // namespace

Router::Router(AdmissionEndpoint* admission, const Readiness& readiness,
               RenderMetrics render_metrics)
    : admission_(admission), readiness_(readiness), render_metrics_(std::move(render_metrics)) {}

Route Router::route(const RequestHead& head) {
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  Route route;
  route.head_only = head.method == "HEAD";
  route.target = target_of(path);
  if (route.target == Target::kNone || (is_review(route.target) && admission_ == nullptr)) {
    route.refusal = {404,
                     fmt::format("expected the path {}/healthz, /readyz or /metrics, found {}",
                                 admission_ != nullptr ? "/mutate, /validate, " : "", quoted(path)),
                     {}};
  } else if (!head.expect.empty() && !equal_ignoring_case(head.expect, "100-continue")) {
    route.refusal = {
        417, fmt::format("expected Expect: 100-continue, found {}", quoted(head.expect)), {}};
  } else if (is_review(route.target)) {
    route.refusal = check_review(head);
    route.patience = patience_of(head.target);
  } else if (head.method != "GET" && head.method != "HEAD") {
    route.refusal = {405, fmt::format("expected GET or HEAD, found {}", quoted(head.method)),
                     "GET, HEAD"};
  } else {
    route.verbose = find_parameter(head.target, "verbose").has_value();
  }
  return route;
}

Refusal Router::check_review(const RequestHead& head) const {
  if (head.method != "POST") {
    return {405, fmt::format("expected POST, found {}", quoted(head.method)), "POST"};
  }
  if (!equal_ignoring_case(media_type(head.content_type), "application/json")) {
    return {415,
            fmt::format("expected Content-Type application/json, found {}",
                        head.content_type.empty() ? "none" : quoted(head.content_type)),
            {}};
  }
  if (!head.content_encoding.empty() && !equal_ignoring_case(head.content_encoding, "identity")) {
    return {415,
            fmt::format("expected a body without Content-Encoding, found {}",
                        quoted(head.content_encoding)),
            {}};
  }
  return {};
}

Answer Router::answer(const Route& route, std::string_view body, Errand* done, std::string& out) {
  switch (route.target) {
    case Target::kMutate:
      return admission_->answer(Endpoint::kMutate, body, route.patience, done, out);
    case Target::kValidate:
      return admission_->answer(Endpoint::kValidate, body, route.patience, done, out);
    case Target::kHealthz:
      out += "ok\n";
      return {200, kPlainText};
    case Target::kReadyz: {
      const bool ready = readiness_.is_ready();
      out += readiness_.describe(route.verbose);
      return {ready ? 200U : 503U, kPlainText};
    }
    case Target::kMetrics:
      out += render_metrics_();
      return {200, kMetricsText};
    case Target::kNone:
      break;
  }
  return {404, kPlainText};
}

}  // namespace cvm::webhook
