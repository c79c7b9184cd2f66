// What `eval` decides by: settings, nodes and namespaces, from files, options or a cluster.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "policies/engine.hpp"
#include "webhook/evaluation/pod_documents.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

struct EvalSources {
  std::string settings_file, nodes_file;  // empty: the cluster's, else the defaults and none
  // Of the namespaces of all objects, whatever is known of them otherwise.
  std::map<std::string, std::string> namespace_labels = {};
  std::optional<ClusterAccess> cluster = {};  // asked for what the above do not give
  std::string webhook_namespace = {};         // where the cluster's webhook runs
  std::string default_namespace = {};         // of objects that name none
};

// Notes go to the standard error: what the cluster does not let us read, and namespaces that do not
// take part. Throws Unusable.
Snapshot make_eval_snapshot(const EvalSources& sources, const PodDocuments& documents);

// The object that the cluster has under the name of `object`; throws Unusable where it has none.
OrderedJson get_live_object(const ClusterAccess& access, const PodDocument& object,
                            const std::string& ns);

}  // namespace cvm::webhook
