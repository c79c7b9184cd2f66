// ApiConnection: one connection to an API server, for requests one after the other.
//
// Everything it does ends: each step has its time limit, each size its limit. Redirects are
// refused: following one would take our credentials elsewhere. Not safe for several threads.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/api/api_limits.hpp"

namespace cvm::webhook {

struct ApiError {
  unsigned status = 0;  // of the HTTP response; 0: there was none, the connection failed
  std::string message;  // one line, with the server's address or the request
};

[[noreturn]] inline void throw_exception_from_error(const ApiError& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.message);
}

template <typename T>
using ApiResult = boost::system::result<T, ApiError>;

class ApiConnection {
 public:
  ApiConnection(boost::asio::any_io_executor executor, const ClusterAccess& access,
                const ApiLimits& limits);
  ~ApiConnection();

  // Connects, does the handshake, reads the token file. Once, before anything else.
  boost::asio::awaitable<ApiResult<void>> open();

  // The body of a response of success of at most `limit` bytes. `target` begins with "/api"; the
  // access's path_prefix is put before it. `into` gives its memory for the body.
  boost::asio::awaitable<ApiResult<std::string>> get(std::string target, std::size_t limit,
                                                     std::string into = std::string());

  // Server-side apply: PATCH with `body`, the fields that are to be as they stand there, as JSON.
  // The response's body, of at most `limit` bytes. An error of status 404 or 409 is for the caller
  // to judge. After any error the connection is of no use any more.
  boost::asio::awaitable<ApiResult<std::string>> apply(std::string target, std::string body,
                                                       std::size_t limit);

  // POST of `body`, an object as JSON. The response's body, of at most `limit` bytes.
  boost::asio::awaitable<ApiResult<std::string>> create(std::string target, std::string body,
                                                        std::size_t limit);

  // Asks and reads the header of such a response; its body is then read by read_piece().
  boost::asio::awaitable<ApiResult<void>> start_get(std::string target);

  // The next bytes of the body, as they arrive; empty at its end. A connection that breaks before
  // the end is an error.
  boost::asio::awaitable<ApiResult<std::string>> read_piece();

  // Ends what is under way with an error; nothing can be done with the connection afterwards.
  void close();

 private:
  boost::asio::awaitable<ApiResult<std::string>> read_body(std::size_t limit, std::string into);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cvm::webhook
