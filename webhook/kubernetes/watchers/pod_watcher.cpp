#include "webhook/kubernetes/watchers/pod_watcher.hpp"

#include <utility>

#include "webhook/decode/json_fields.hpp"
#include "webhook/decode/known_pod_reader.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

// CVMs cannot be told by a selector, so all pods are listened to but those that have ended and the
// system's own.
WatchedResource pods() {
  return {.path = "/api/v1/pods",
          .selector =
              "fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed"
              "%2Cmetadata.namespace%21%3Dkube-system"
              "%2Cmetadata.namespace%21%3Dkube-node-lease",
          .list_kind = "PodList",
          .objects = "pods",
          .object = "pod"};
}

}  // namespace

bool KnownPodStore::put(Element object) {
  KeyedPod pod = read_keyed_pod(object);
  if (!pod.known.is_cvm && pod.is_bound) return pods.erase(pod.ns, pod.name);
  return pods.put(pod.ns, pod.name, std::move(pod.known));
}

bool KnownPodStore::erase(Element pod) {
  return pods.erase(string_at(pod, "/metadata/namespace"), string_at(pod, "/metadata/name"));
}

PodWatcher::PodWatcher(boost::asio::any_io_executor executor, ClusterAccess access, OnPods on_pods,
                       WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), pods(),
          [on_pods = std::move(on_pods)](const KnownPodStore& store) {
            on_pods(std::make_shared<const KnownPods>(store.pods));
          },
          std::move(log), std::move(tuning)) {}

}  // namespace cvm::webhook
