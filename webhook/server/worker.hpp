// Worker: a thread with its own io_context, connections and request handler.
//
// Nothing on its request path is shared with another worker, so nothing there locks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "webhook/server/session_group.hpp"

namespace cvm::webhook {

class Worker {
 public:
  // What is given by reference outlives the worker and belongs to its thread, but for the limits
  // and the connection count.
  explicit Worker(SessionGroup::Parts parts);
  // Stops.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Ends every connection and joins the thread. From another thread.
  void stop();

  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  // From any thread: run on the worker's thread, in order.
  void open(boost::asio::ip::tcp::socket socket, TlsContext tls);
  void post(std::function<void()> action);
  void begin_drain();
  void close_idle();

 private:
  EventLog& log_;
  boost::asio::io_context context_{1};
  std::unique_ptr<SessionGroup> group_;
  std::thread thread_;
};

}  // namespace cvm::webhook
