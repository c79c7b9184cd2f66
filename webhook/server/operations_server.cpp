#include "webhook/server/operations_server.hpp"

#include <utility>
#include <vector>

namespace cvm::webhook {
namespace {

constexpr std::size_t kMostConnections = 64;
constexpr std::size_t kMostBodyBytes = 64 * 1024;

// The same as of admission, for few connections and bodies that nobody reads.
Limits limits_of_operations(Limits limits) {
  limits.max_connections = kMostConnections;
  limits.max_body_bytes = kMostBodyBytes;
  return limits;
}

Metrics::Sources with_own(Metrics::Sources sources, const ConnectionCounters& own) {
  sources.connections.push_back(&own);
  return sources;
}

}  // namespace

OperationsServer::OperationsServer(const boost::asio::any_io_executor& executor,
                                   const ServeOptions& options, const Readiness& readiness,
                                   Metrics::Sources sources, ServiceCounters& counters,
                                   EventLog& log)
    : limits_(limits_of_operations(options.limits)),
      metrics_(with_own(std::move(sources), connection_counters_)),
      router_(nullptr, readiness, [this] { return render_metrics(); }),
      group_(executor, {router_, limits_, connections_, connection_counters_, log}),
      listener_(executor, parse_address(options.ops_listen),
                {{executor,
                  [this](boost::asio::ip::tcp::socket socket) {
                    group_.open(std::move(socket), nullptr);
                  }}},
                limits_, connections_, counters, log) {}

}  // namespace cvm::webhook
