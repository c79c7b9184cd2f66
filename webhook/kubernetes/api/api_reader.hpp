// ApiReader: asks an API server one question after the other, for commands. Blocks; changes nothing
// in the cluster.
#pragma once

#include <memory>
#include <string>

#include "webhook/kubernetes/api/api_connection.hpp"
#include "webhook/kubernetes/api/list_pages.hpp"

namespace cvm::webhook {

class ApiReader {
 public:
  explicit ApiReader(ClusterAccess access, ApiLimits limits = {})
      : access_(std::move(access)), limits_(limits) {}

  // Largest object that an answer of get() and review() may be.
  static constexpr std::size_t kObjectBytes = 8 << 20;

  // `target`: "/api/v1/namespaces/dev". An object that is not there is an error of status 404.
  ApiResult<std::string> get(const std::string& target) const;

  // The answer to a review, an object that is judged and not kept: a SelfSubjectAccessReview.
  ApiResult<std::string> review(const std::string& target, const std::string& body) const;

  // All pages. A list that grew too old between two of them is begun again.
  ApiResult<ListOutcome> list(const WatchedResource& resource,
                              const std::shared_ptr<ObjectReceiver>& receiver) const;

 private:
  ClusterAccess access_;
  ApiLimits limits_;
};

// A receiver of one list: there are no events.
class ListReceiver : public ObjectReceiver {
 public:
  void end_list() override {}
  std::string put(Element) override { return {}; }
  void erase(Element) override {}
  void end_events() override {}
};

}  // namespace cvm::webhook
