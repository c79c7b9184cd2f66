// Service: everything that `serve` is made of, put together.
//
// Threads: N workers that serve admission connections, and the thread that calls run(): listeners,
// the operations port, files, nodes, signals.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "webhook/server/serve_options.hpp"

namespace cvm::webhook {

class Service {
 public:
  // Reads all files and takes the addresses. Throws what is wrong with them.
  explicit Service(ServeOptions options);
  ~Service();

  boost::asio::ip::tcp::endpoint address() const;
  boost::asio::ip::tcp::endpoint ops_address() const;

  // Serves until SIGTERM, SIGINT or drain(), then until the drain is over. Returns the exit code.
  int run();
  // As SIGTERM does; a second time ends at once. Any thread.
  void drain();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cvm::webhook
