#include "policies/model/extended_requests.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "policies/model/pod_view.hpp"
#include "policies/model/quantity.hpp"

namespace cvm {

namespace {

std::int64_t pieces(std::string_view quantity) {
  constexpr double kMost = 9.0e18;  // below 2^63
  const auto amount = parse_quantity(quantity);
  if (!amount || !(*amount > 0)) return 0;
  return static_cast<std::int64_t>(std::min(std::ceil(*amount), kMost));
}

std::int64_t add(std::int64_t left, std::int64_t right) {
  constexpr std::int64_t kMost = INT64_MAX;
  return left > kMost - right ? kMost : left + right;
}

ExtendedRequest& request_of(std::string_view resource, std::vector<ExtendedRequest>& out) {
  for (ExtendedRequest& request : out) {
    if (request.resource == resource) return request;
  }
  return out.emplace_back(ExtendedRequest{resource});
}

// visit(resource, amount) for each extended resource of the container.
template <typename Visit>
void for_each_request(const Container& container, Visit visit) {
  for (const KeyValue& request : container.requests) {
    if (is_extended_resource(request.key)) visit(request.key, pieces(request.value));
  }
  for (const KeyValue& limit : container.limits) {
    if (!is_extended_resource(limit.key) || container.requests.find(limit.key)) continue;
    visit(limit.key, pieces(limit.value));
  }
}

// Stays for the pod's life.
void add_lasting(const Container& container, std::vector<ExtendedRequest>& out) {
  for_each_request(container, [&out](std::string_view resource, std::int64_t amount) {
    ExtendedRequest& request = request_of(resource, out);
    request.amount = add(request.amount, amount);
    request.largest = std::max(request.largest, request.amount);
  });
}

}  // namespace

bool is_extended_resource(std::string_view name) {
  return name.find('/') != std::string_view::npos && !name.starts_with("requests.") &&
         name.find("kubernetes.io/") == std::string_view::npos;
}

void extended_requests(const PodView& pod, std::vector<ExtendedRequest>& out) {
  out.clear();
  for (const Container& container : pod.init_containers) {
    if (container.restart_policy == "Always") {
      add_lasting(container, out);
      continue;
    }
    for_each_request(container, [&out](std::string_view resource, std::int64_t amount) {
      ExtendedRequest& request = request_of(resource, out);
      request.largest = std::max(request.largest, add(request.amount, amount));
    });
  }
  for (const Container& container : pod.containers) add_lasting(container, out);
  std::erase_if(out, [](const ExtendedRequest& request) { return request.largest == 0; });
}

}  // namespace cvm
