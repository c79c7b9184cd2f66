#include "webhook/kubernetes/watchers/persistent_volume_watcher.hpp"

#include <utility>

#include "policies/compatibility/id_mapping.hpp"
#include "policies/model/host_directories.hpp"
#include "webhook/decode/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

// The path of a directory of the node with which it works itself; else empty.
std::string host_directory(Element volume) {
  std::string path = string_at(volume, "/spec/hostPath/path");
  if (path.empty()) path = string_at(volume, "/spec/local/path");
  return path.empty() || !holds_host_directory(path) ? std::string() : path;
}

std::string_view file_system(Element volume) {
  simdjson::dom::object spec;
  if (volume["spec"].get(spec) != simdjson::SUCCESS) return {};
  for (const auto& [key, value] : spec) {
    const std::string_view found = unmappable_source(key);
    if (!found.empty()) return found;
  }
  return unmappable_driver(string_at(volume, "/spec/csi/driver"));
}

}  // namespace

WatchedResource persistent_volume_resource() {
  return {.path = "/api/v1/persistentvolumes",
          .selector = "",
          .list_kind = "PersistentVolumeList",
          .objects = "persistentvolumes",
          .object = "PersistentVolume"};
}

bool HostVolumeStore::put(Element volume) {
  Claim claim{string_at(volume, "/spec/claimRef/namespace"),
              string_at(volume, "/spec/claimRef/name"), host_directory(volume),
              std::string(file_system(volume))};
  // Most volumes are neither.
  if (claim.path.empty() && claim.file_system.empty()) return erase(volume);
  Claim& kept = claims[string_at(volume, "/metadata/name")];
  if (kept == claim) return false;
  kept = std::move(claim);
  return true;
}

bool HostVolumeStore::erase(Element volume) {
  return claims.erase(string_at(volume, "/metadata/name")) > 0;
}

HostVolumes HostVolumeStore::volumes() const {
  HostVolumes result;
  for (const auto& [volume, claim] : claims) {
    if (claim.name.empty()) {
      result.any_unclaimed = result.any_unclaimed || !claim.path.empty();
      continue;
    }
    if (!claim.path.empty()) result.put(claim.ns, claim.name, claim.path);
    if (!claim.file_system.empty()) {
      result.put_unmappable(claim.ns, claim.name, claim.file_system);
    }
  }
  return result;
}

PersistentVolumeWatcher::PersistentVolumeWatcher(boost::asio::any_io_executor executor,
                                                 ClusterAccess access, OnVolumes on_volumes,
                                                 WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), persistent_volume_resource(),
          [on_volumes = std::move(on_volumes)](const HostVolumeStore& store) {
            on_volumes(std::make_shared<const HostVolumes>(store.volumes()));
          },
          std::move(log), std::move(tuning)) {}

}  // namespace cvm::webhook
