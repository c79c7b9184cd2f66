// PersistentVolumeWatcher: which claims are directories of a node, or on file systems whose mounts
// cannot be ID-mapped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "policies/model/host_volumes.hpp"
#include "webhook/kubernetes/watchers/store_watcher.hpp"

namespace cvm::webhook {

WatchedResource persistent_volume_resource();

struct HostVolumeStore {
  struct Claim {  // ns and name are empty where nobody has claimed the volume
    std::string ns, name;
    std::string path;         // empty: no directory of a node
    std::string file_system;  // as HostVolumes::unmappable()
    bool operator==(const Claim&) const = default;
  };

  bool put(simdjson::dom::element volume);
  bool erase(simdjson::dom::element volume);

  HostVolumes volumes() const;

  std::map<std::string, Claim> claims;  // by the volume's name
};

class PersistentVolumeWatcher : public StoreWatcher<HostVolumeStore> {
 public:
  using OnVolumes = std::function<void(std::shared_ptr<const HostVolumes>)>;

  PersistentVolumeWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                          OnVolumes on_volumes, WatchLog log, WatchTuning tuning = {});
};

}  // namespace cvm::webhook
