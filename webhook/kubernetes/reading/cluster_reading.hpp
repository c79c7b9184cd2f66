// ClusterReading: what decisions depend on in a cluster, read once, for commands.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/model/host_volumes.hpp"
#include "policies/model/known_namespaces.hpp"
#include "policies/model/result.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "webhook/kubernetes/api/api_reader.hpp"

namespace cvm::webhook {

// What may not be read is null, and said in `forbidden`, a line each.
struct ClusterReading {
  std::shared_ptr<const NodeCatalog> nodes;
  std::shared_ptr<const KnownNamespaces> namespaces;  // that take part
  std::shared_ptr<const HostVolumes> host_volumes;
  std::optional<std::map<std::string, RuntimeClassFacts>> runtime_classes;
  std::vector<std::string> forbidden;

  // The class of that name, `found` or not; null: not known.
  std::shared_ptr<const RuntimeClassFacts> find_runtime_class(const std::string& name) const;
};

// Lists four resources, page by page. An error: there was no answer, or one that is not understood.
Result<ClusterReading> read_cluster(const ApiReader& api);

}  // namespace cvm::webhook
