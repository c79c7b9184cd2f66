#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"

#include <utility>

#include "webhook/kubernetes/api/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

}  // namespace

WatchedResource runtime_class_resource() {
  return {.path = "/apis/node.k8s.io/v1/runtimeclasses",
          .selector = "",
          .list_kind = "RuntimeClassList",
          .objects = "runtimeclasses",
          .object = "RuntimeClass"};
}

RuntimeClassFacts read_runtime_class(Element object) {
  RuntimeClassFacts facts;
  facts.found = true;
  facts.handler = string_at(object, "/handler");
  simdjson::dom::object selector;
  if (object["scheduling"]["nodeSelector"].get(selector) == simdjson::SUCCESS) {
    for (const auto& [key, value] : selector) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) facts.node_selector.emplace(key, text);
    }
  }
  simdjson::dom::array tolerations;
  if (object["scheduling"]["tolerations"].get(tolerations) == simdjson::SUCCESS) {
    for (const Element one : tolerations) {
      facts.tolerations.push_back({string_at(one, "/key"), string_at(one, "/operator"),
                                   string_at(one, "/value"), string_at(one, "/effect")});
    }
  }
  return facts;
}

class RuntimeClassWatcher::Receiver : public ObjectReceiver {
 public:
  explicit Receiver(std::function<void()> on_change) : on_change_(std::move(on_change)) {}

  void begin_list() override { list_.clear(); }
  std::string listed(Element object) override {
    put_into(list_, object);
    return {};
  }
  void end_list() override {
    classes_ = std::exchange(list_, {});
    listed_ = true;
    differs_ = true;
    end_events();
  }
  std::string put(Element object) override {
    put_into(classes_, object);
    differs_ = true;
    return {};
  }
  void erase(Element object) override {
    classes_.erase(string_at(object, "/metadata/name"));
    differs_ = true;
  }
  void end_events() override {
    if (std::exchange(differs_, false) && !stopped) on_change_();
  }

  std::shared_ptr<const RuntimeClassFacts> find(const std::string& name) const {
    if (!listed_) return nullptr;
    const auto found = classes_.find(name);
    return std::make_shared<const RuntimeClassFacts>(found == classes_.end() ? RuntimeClassFacts{}
                                                                             : found->second);
  }

  bool stopped = false;

 private:
  using Classes = std::map<std::string, RuntimeClassFacts>;

  static void put_into(Classes& classes, Element object) {
    classes.insert_or_assign(string_at(object, "/metadata/name"), read_runtime_class(object));
  }

  const std::function<void()> on_change_;
  Classes list_;  // what is being listed
  Classes classes_;
  bool listed_ = false;
  bool differs_ = false;
};

RuntimeClassWatcher::RuntimeClassWatcher(boost::asio::any_io_executor executor,
                                         ClusterAccess access, std::function<void()> on_change,
                                         WatchLog log, WatchTuning tuning)
    : receiver_(std::make_shared<Receiver>(std::move(on_change))),
      list_watch_(std::move(executor), std::move(access), runtime_class_resource(), receiver_,
                  std::move(log), std::move(tuning)) {}

RuntimeClassWatcher::~RuntimeClassWatcher() { stop(); }

void RuntimeClassWatcher::start() { list_watch_.start(); }

void RuntimeClassWatcher::stop() {
  receiver_->stopped = true;
  list_watch_.stop();
}

WatchStatus RuntimeClassWatcher::status() const { return list_watch_.status(); }

std::shared_ptr<const RuntimeClassFacts> RuntimeClassWatcher::find(const std::string& name) const {
  return receiver_->find(name);
}

}  // namespace cvm::webhook
