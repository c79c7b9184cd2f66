// Refuses nodes whose system, or whose managed Kubernetes, cannot host CVMs.
#include "policies/compatibility/cloud.hpp"
#include "policies/compatibility/distribution.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

struct UnsupportedSystem {
  std::string_view id;
  std::string_view message;
  std::string_view name, advice;  // of the summary
};

constexpr std::string_view kOpenshift =
    "OpenShift does not support CVMs; choose nodes of another Kubernetes";

constexpr std::string_view kUseAnother = "use nodes of another Kubernetes";
constexpr std::string_view kUseUbuntu = "use Ubuntu nodes";

constexpr UnsupportedSystem kUnsupportedSystems[] = {
    {"cos",
     "Container-Optimized OS cannot host CVMs; choose nodes with the Ubuntu image (on Google "
     "Kubernetes Engine: image type UBUNTU_CONTAINERD)",
     "Container-Optimized OS", "use nodes with the Ubuntu image"},
    {"bottlerocket",
     "Bottlerocket, a read-only system without user namespaces, cannot host CVMs; choose nodes "
     "with Ubuntu",
     "Bottlerocket", kUseUbuntu},
    {"talos", "Talos, a read-only system, cannot host CVMs; choose nodes with Ubuntu", "Talos",
     kUseUbuntu},
    {"rhcos", kOpenshift, "OpenShift", kUseAnother},
};

NodeProblem problem(std::string_view message, Verb verb, std::string_view what,
                    std::string_view advice) {
  return {std::string(message), {verb, std::string(what), std::string(advice)}};
}

std::optional<NodeProblem> check_node_os(const NodeFacts& node, const Settings& settings) {
  if (runs_windows(node)) {
    return problem("Windows cannot host CVMs; choose Linux nodes", kRun, "Windows",
                   "use Linux nodes");
  }
  const Distribution distribution = detect_distribution(node, settings.compatibility);
  for (const UnsupportedSystem& system : kUnsupportedSystems) {
    if (distribution.id == system.id) {
      return problem(system.message, kRun, system.name, system.advice);
    }
  }
  if (node.labels.contains("node.openshift.io/os_id")) {
    return problem(kOpenshift, kRun, "OpenShift", kUseAnother);
  }
  if (detect_hosting(node, settings.compatibility).is("digitalocean")) {
    return problem("DigitalOcean does not support CVMs; choose nodes of another provider", kAre,
                   "on DigitalOcean", "use nodes of another provider");
  }
  return std::nullopt;
}

}  // namespace

constinit const NodeRule rules::node_os{
    .descriptor =
        {.id = "node-os",
         .summary = "The node's system cannot host CVMs (Windows, Container-Optimized "
                    "OS, Bottlerocket, Talos, OpenShift, DigitalOcean)",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "The node runs Windows, Container-Optimized OS, Bottlerocket, Talos or "
                        "OpenShift's CoreOS, or is of DigitalOcean: by status.nodeInfo, the labels "
                        "of Node Feature Discovery and of the service, and spec.providerID.",
              .why = "CVMs are Linux containers; systems that are read-only or without user "
                     "namespaces cannot host Sysbox, and these services do not support it.",
              .fix = "Choose other nodes: Ubuntu is the safest choice (on Google Kubernetes Engine "
                     "the image type UBUNTU_CONTAINERD).",
              .fields = {"Node status.nodeInfo.operatingSystem", "Node status.nodeInfo.osImage",
                         "Node metadata.labels[kubernetes.io/os]",
                         "Node metadata.labels[feature.node.kubernetes.io/system-os_release.ID]",
                         "Node metadata.labels[node.openshift.io/os_id]",
                         "Node metadata.labels[doks.digitalocean.com/*]", "Node spec.providerID",
                         "Node status.nodeInfo.kernelVersion"},
              .settings = {"compatibility.clouds", "compatibility.distributions"},
              .sources = {"https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "cluster-setup.md",
                          "https://github.com/coder/docs/blob/main/setup/kubernetes/index.md",
                          "https://github.com/nestybox/sysbox/blob/master/docs/distro-compat.md"}}},
    .check = check_node_os,
};

}  // namespace cvm
