#include "webhook/server/worker.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace cvm::webhook {

Worker::Worker(SessionGroup::Parts parts)
    : log_(parts.log), group_(std::make_unique<SessionGroup>(context_.get_executor(), parts)) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  // The group's sweep timer is the work that keeps run() going.
  thread_ = std::thread([this] {
    context_.run();
    log_.flush();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] { group_->stop(); });
  thread_.join();
}

void Worker::open(boost::asio::ip::tcp::socket socket, TlsContext tls) {
  boost::asio::post(context_, [this, socket = std::move(socket), tls = std::move(tls)]() mutable {
    group_->open(std::move(socket), tls);
  });
}

void Worker::post(std::function<void()> action) { boost::asio::post(context_, std::move(action)); }

void Worker::begin_drain() {
  boost::asio::post(context_, [this] { group_->begin_drain(); });
}

void Worker::close_idle() {
  boost::asio::post(context_, [this] { group_->close_idle(); });
}

}  // namespace cvm::webhook
