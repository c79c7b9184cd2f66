#include "webhook/kubernetes/pod_watcher.hpp"

#include <algorithm>
#include <utility>

#include "policies/model/extended_requests.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "webhook/kubernetes/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

void add_extended(simdjson::simdjson_result<Element> amounts, std::vector<std::string>& names) {
  simdjson::dom::object object;
  if (amounts.get(object) != simdjson::SUCCESS) return;
  for (const auto& [key, value] : object) {
    std::string_view text;
    if (!is_extended_resource(key) || value.get(text) != simdjson::SUCCESS) continue;
    const auto quantity = parse_quantity(text);
    if (!quantity || *quantity > 0) names.emplace_back(key);
  }
}

// The containers that gpu_requests() reads of a pod that is created.
std::vector<std::string> extended_resources(Element pod) {
  std::vector<std::string> names;
  for (const char* list : {"initContainers", "containers"}) {
    simdjson::dom::array containers;
    if (pod["spec"][list].get(containers) != simdjson::SUCCESS) continue;
    for (const Element container : containers) {
      if (string_at(container, "/name") == kSupervisorName) continue;
      add_extended(container["resources"]["requests"], names);
      add_extended(container["resources"]["limits"], names);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

WatchedResource known_pods() {
  return {.path = "/api/v1/pods",
          .selector = "fieldSelector=spec.nodeName%3D",
          .list_kind = "PodList",
          .objects = "unbound pods",
          .object = "pod"};
}

}  // namespace

KnownPod read_known_pod(Element pod) {
  KnownPod result;
  result.uid = string_at(pod, "/metadata/uid");
  std::string_view plan;
  result.is_cvm = pod["metadata"]["annotations"][kPlanAnnotation].get(plan) == simdjson::SUCCESS;
  if (result.is_cvm) result.extended_resources = extended_resources(pod);
  return result;
}

class PodWatcher::Receiver : public ObjectReceiver {
 public:
  explicit Receiver(OnPods on_pods) : on_pods_(std::move(on_pods)) {}

  void begin_list() override { list_ = {}; }
  std::string listed(Element object) override {
    put_into(list_, object);
    return {};
  }
  void end_list() override {
    pods_ = std::exchange(list_, {});
    differs_ = true;
    end_events();
  }

  std::string put(Element object) override {
    differs_ |= put_into(pods_, object);
    return {};
  }
  void erase(Element object) override {
    differs_ |=
        pods_.erase(string_at(object, "/metadata/namespace"), string_at(object, "/metadata/name"));
  }
  void end_events() override {
    if (!std::exchange(differs_, false) || stopped) return;
    on_pods_(std::make_shared<const KnownPods>(pods_));
  }

  bool stopped = false;

 private:
  static bool put_into(KnownPods& pods, Element object) {
    return pods.put(string_at(object, "/metadata/namespace"), string_at(object, "/metadata/name"),
                    read_known_pod(object));
  }

  const OnPods on_pods_;
  KnownPods list_;  // what is being listed
  KnownPods pods_;
  bool differs_ = false;
};

PodWatcher::PodWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                                     OnPods on_pods, WatchLog log, WatchTuning tuning)
    : receiver_(std::make_shared<Receiver>(std::move(on_pods))),
      list_watch_(std::move(executor), std::move(access), known_pods(), receiver_, std::move(log),
                  std::move(tuning)) {}

PodWatcher::~PodWatcher() { stop(); }

void PodWatcher::start() { list_watch_.start(); }

void PodWatcher::stop() {
  receiver_->stopped = true;
  list_watch_.stop();
}

WatchStatus PodWatcher::status() const { return list_watch_.status(); }

}  // namespace cvm::webhook
