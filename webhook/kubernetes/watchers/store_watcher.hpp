// StoreWatcher: keeps a Store of what a resource's objects say, by list and watch, and hands it on
// when it changed.
//
// A Store is a copyable value with
//   bool put(simdjson::dom::element object)    returns whether anything changed
//   bool erase(simdjson::dom::element object)  likewise
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "webhook/kubernetes/api/list_watch.hpp"

namespace cvm::webhook {

template <typename Store>
class StoreReceiver final : public ObjectReceiver {
 public:
  using OnChange = std::function<void(const Store& store)>;

  explicit StoreReceiver(OnChange on_change) : on_change_(std::move(on_change)) {}

  void begin_list() override { list_ = {}; }
  std::string listed(Element object) override {
    list_.put(object);
    return {};
  }
  void end_list() override {
    store_ = std::exchange(list_, {});
    is_listed_ = true;
    differs_ = true;
    end_events();
  }
  std::string put(Element object) override {
    differs_ |= store_.put(object);
    return {};
  }
  void erase(Element object) override { differs_ |= store_.erase(object); }
  void end_events() override {
    if (std::exchange(differs_, false) && !stopped) on_change_(store_);
  }

  // Null before the first list.
  const Store* store() const { return is_listed_ ? &store_ : nullptr; }

  bool stopped = false;

 private:
  const OnChange on_change_;
  Store list_;  // what is being listed
  Store store_;
  bool is_listed_ = false;
  bool differs_ = false;
};

template <typename Store>
class StoreWatcher {
 public:
  // `executor` is one thread or a strand; `on_change` is called there, not after stop() was. The
  // first call comes when the first list is complete.
  StoreWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
               WatchedResource resource, typename StoreReceiver<Store>::OnChange on_change,
               WatchLog log, WatchTuning tuning = {})
      : receiver_(std::make_shared<StoreReceiver<Store>>(std::move(on_change))),
        list_watch_(std::move(executor), std::move(access), std::move(resource), receiver_,
                    std::move(log), std::move(tuning)) {}
  ~StoreWatcher() { stop(); }

  void start() { list_watch_.start(); }
  void stop() {
    receiver_->stopped = true;
    list_watch_.stop();
  }
  WatchStatus status() const { return list_watch_.status(); }

 protected:
  // Null before the first list. On the executor.
  const Store* store() const { return receiver_->store(); }

 private:
  std::shared_ptr<StoreReceiver<Store>> receiver_;
  ListWatch list_watch_;
};

}  // namespace cvm::webhook
