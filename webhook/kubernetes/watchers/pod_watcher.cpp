#include "webhook/kubernetes/watchers/pod_watcher.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "policies/model/extended_requests.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"
#include "webhook/kubernetes/api/json_fields.hpp"

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

std::vector<std::string> claims_of(Element pod) {
  std::vector<std::string> claims;
  simdjson::dom::array volumes;
  if (pod["spec"]["volumes"].get(volumes) != simdjson::SUCCESS) return claims;
  for (const Element volume : volumes) {
    std::string claim = string_at(volume, "/persistentVolumeClaim/claimName");
    if (!claim.empty()) claims.push_back(std::move(claim));
    simdjson::dom::object ephemeral;
    if (volume["ephemeral"].get(ephemeral) == simdjson::SUCCESS) {
      claims.push_back(
          ephemeral_claim(string_at(pod, "/metadata/name"), string_at(volume, "/name")));
    }
  }
  return claims;
}

std::string only_container_of(Element pod) {
  simdjson::dom::array containers;
  if (pod["spec"]["containers"].get(containers) != simdjson::SUCCESS || containers.size() != 1) {
    return {};
  }
  return string_at(containers.at(0).value(), "/name");
}

bool has_supervisor(Element pod) {
  for (const char* list : {"initContainers", "containers"}) {
    simdjson::dom::array containers;
    if (pod["spec"][list].get(containers) != simdjson::SUCCESS) continue;
    for (const Element container : containers) {
      if (string_at(container, "/name") == kSupervisorName) return true;
    }
  }
  return false;
}

std::optional<std::string_view> annotation_of(Element pod, std::string_view key) {
  std::string_view value;
  if (pod["metadata"]["annotations"][key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

// As is_cvm_pod() and supervisor_name() of the policies.
void read_cvm(Element pod, KnownPod& out) {
  const bool named = has_supervisor(pod);
  out.is_cvm = named || annotation_of(pod, kPlanAnnotation);
  if (!out.is_cvm) return;
  out.supervisor = named ? kSupervisorName
                         : annotation_of(pod, kSupervisorAnnotation).value_or(std::string_view());
  out.profile = annotation_of(pod, kProfileAnnotation).value_or(std::string_view());
}

bool is_bound(Element pod) { return !string_at(pod, "/spec/nodeName").empty(); }

}  // namespace

KnownPod read_known_pod(Element pod) {
  KnownPod result;
  result.uid = string_at(pod, "/metadata/uid");
  read_cvm(pod, result);
  if (result.is_cvm) result.only_container = only_container_of(pod);
  if (is_bound(pod)) return result;
  result.claims = claims_of(pod);
  if (result.is_cvm) result.extended_resources = extended_resources(pod);
  return result;
}

bool KnownPodStore::put(Element pod) {
  KnownPod known = read_known_pod(pod);
  if (!known.is_cvm && is_bound(pod)) return erase(pod);
  return pods.put(string_at(pod, "/metadata/namespace"), string_at(pod, "/metadata/name"),
                  std::move(known));
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
