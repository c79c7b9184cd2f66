// PodGetter: asks the API server for one pod, for decisions about pods that no watch told of yet.
//
// All on the thread of its executor. Connections are kept for the next question, but not for long:
// the token of a service account is read when one is opened.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "policies/model/pod_lookup.hpp"
#include "webhook/kubernetes/api/api_connection.hpp"

namespace cvm::webhook {

class PodGetter {
 public:
  PodGetter(boost::asio::any_io_executor executor, ClusterAccess access);
  ~PodGetter();
  PodGetter(const PodGetter&) = delete;
  PodGetter& operator=(const PodGetter&) = delete;

  // Questions at a time; more are not asked.
  static constexpr std::size_t kMostAtOnce = 32;
  static constexpr std::chrono::seconds kKeepConnection{60};

  // Answers within about `time`. Never throws; what goes wrong is kFailed.
  boost::asio::awaitable<PodLookup> get(std::string ns, std::string name,
                                        std::chrono::milliseconds time);

  // Ends what is under way, and lets go of the connections. Later questions fail.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Kept {
    std::shared_ptr<ApiConnection> connection;
    Clock::time_point opened;
  };

  boost::asio::awaitable<ApiResult<std::string>> fetch(const std::string& target,
                                                       std::chrono::milliseconds time);
  boost::asio::awaitable<ApiResult<std::string>> fetch_on(Kept on, const std::string& target,
                                                          std::chrono::milliseconds time,
                                                          bool is_open);
  Kept take_kept();

  const boost::asio::any_io_executor executor_;
  const ClusterAccess access_;
  std::vector<Kept> kept_;
  std::vector<std::shared_ptr<ApiConnection>> busy_;
  std::size_t asked_ = 0;
  bool stopped_ = false;
};

}  // namespace cvm::webhook
