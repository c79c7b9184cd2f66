#include "webhook/kubernetes/persistent_volume_watcher.hpp"

#include <utility>

#include "policies/model/host_directories.hpp"
#include "webhook/kubernetes/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

WatchedResource volumes() {
  return {.path = "/api/v1/persistentvolumes",
          .selector = "",
          .list_kind = "PersistentVolumeList",
          .objects = "persistentvolumes",
          .object = "PersistentVolume"};
}

}  // namespace

bool HostVolumeStore::put(Element volume) {
  Claim claim{string_at(volume, "/spec/claimRef/namespace"),
              string_at(volume, "/spec/claimRef/name"), string_at(volume, "/spec/hostPath/path")};
  if (claim.path.empty()) claim.path = string_at(volume, "/spec/local/path");
  // Most volumes are no directory of a node, or one that does no harm.
  if (claim.path.empty() || !holds_host_directory(claim.path)) {
    return erase(volume);
  }
  Claim& kept = claims[string_at(volume, "/metadata/name")];
  if (kept == claim) return false;
  kept = std::move(claim);
  return true;
}

bool HostVolumeStore::erase(Element volume) {
  return claims.erase(string_at(volume, "/metadata/name")) > 0;
}

PersistentVolumeWatcher::PersistentVolumeWatcher(boost::asio::any_io_executor executor,
                                                 ClusterAccess access, OnVolumes on_volumes,
                                                 WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), volumes(),
          [on_volumes = std::move(on_volumes)](const HostVolumeStore& store) {
            auto result = std::make_shared<HostVolumes>();
            for (const auto& [name, claim] : store.claims) {
              if (claim.name.empty()) {
                result->any_unclaimed = true;
              } else {
                result->put(claim.ns, claim.name, claim.path);
              }
            }
            on_volumes(std::move(result));
          },
          std::move(log), std::move(tuning)) {}

}  // namespace cvm::webhook
