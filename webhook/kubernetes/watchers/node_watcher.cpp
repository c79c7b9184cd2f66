#include "webhook/kubernetes/watchers/node_watcher.hpp"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <optional>
#include <utility>

#include "policies/nodes/node_store.hpp"
#include "webhook/decode/json_fields.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"

namespace cvm::webhook {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

WatchedResource node_resource() {
  return {.path = "/api/v1/nodes",
          .selector = "",
          .list_kind = "NodeList",
          .objects = "nodes",
          .object = "node"};
}

// All on the strand but for stop().
class NodeWatcher::Receiver : public ObjectReceiver,
                              public std::enable_shared_from_this<NodeWatcher::Receiver> {
 public:
  Receiver(const asio::any_io_executor& executor, OnNodes on_nodes, milliseconds min_interval)
      : strand_(asio::make_strand(executor)),
        on_nodes_(std::move(on_nodes)),
        min_interval_(min_interval),
        delivery_timer_(strand_) {}

  void begin_list() override {
    store_.begin_list();
    list_marks_.clear();
  }
  std::string listed(Element object) override {
    if (auto fault = decode_node(object, node_)) return std::move(fault->message);
    list_marks_.insert_or_assign(std::string(node_.name), read_marks(object).digest());
    store_.put(node_);
    return {};
  }
  void end_list() override {
    marks_->replace(std::exchange(list_marks_, {}));
    store_.end_list();
    if (!delivered_at_) {
      deliver();
    } else {
      changed();
    }
  }

  std::string put(Element object) override {
    if (auto fault = decode_node(object, node_)) {
      erase(object);
      return std::move(fault->message);
    }
    marks_->put(std::string(node_.name), read_marks(object).digest());
    differs_ |= store_.put(node_);
    return {};
  }
  void erase(Element object) override {
    const std::string name = string_at(object, "/metadata/name");
    marks_->erase(name);
    differs_ |= store_.erase(name);
  }
  void end_events() override {
    if (std::exchange(differs_, false)) changed();
  }

  const asio::any_io_executor& strand() const { return strand_; }
  std::shared_ptr<const CarriedMarks> marks() const { return marks_; }

  void stop() {
    if (stopped_.exchange(true)) return;
    asio::dispatch(strand_, [self = shared_from_this()] { self->delivery_timer_.cancel(); });
  }

 private:
  void changed() {
    if (delivery_pending_) return;
    delivery_pending_ = true;
    delivery_timer_.expires_at(delivered_at_.value_or(steady_clock::time_point::min()) +
                               min_interval_);
    delivery_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->deliver();
    });
  }

  void deliver() {
    delivery_pending_ = false;
    if (stopped_) return;
    delivered_at_ = steady_clock::now();
    on_nodes_(store_.catalog());
  }

  const asio::any_io_executor strand_;
  const OnNodes on_nodes_;
  const milliseconds min_interval_;
  std::atomic<bool> stopped_ = false;
  asio::steady_timer delivery_timer_;
  CarriedMarks::Digests list_marks_;
  const std::shared_ptr<CarriedMarks> marks_ = std::make_shared<CarriedMarks>();
  NodeStore store_;
  NodeView node_;  // the one at hand; views into the document that is handed over with it
  bool differs_ = false;
  bool delivery_pending_ = false;
  std::optional<steady_clock::time_point> delivered_at_;
};

NodeWatcher::NodeWatcher(const asio::any_io_executor& executor, ClusterAccess access,
                         OnNodes on_nodes, Log log, milliseconds min_interval,
                         NodeWatchTuning tuning)
    : receiver_(std::make_shared<Receiver>(executor, std::move(on_nodes), min_interval)),
      list_watch_(receiver_->strand(), std::move(access), node_resource(), receiver_,
                  std::move(log), std::move(tuning)) {}

NodeWatcher::~NodeWatcher() { stop(); }

void NodeWatcher::start() { list_watch_.start(); }

void NodeWatcher::stop() {
  receiver_->stop();
  list_watch_.stop();
}

std::shared_ptr<const CarriedMarks> NodeWatcher::carried_marks() const {
  return receiver_->marks();
}

NodeWatchStatus NodeWatcher::status() const { return list_watch_.status(); }

}  // namespace cvm::webhook
