// What serves the API server's calls: the Service and its endpoints, the Deployment, and what its
// service account may do.
//
// Reads Services, EndpointSlices and Deployments of the webhook's namespace, and access reviews.
#include <algorithm>
#include <set>

#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

using ServicePorts = std::set<std::pair<ObjectName, std::string>>;

ServicePorts services_of(const ClusterFacts& facts) {
  ServicePorts services;
  for (const WebhookConfiguration& configuration : facts.configurations) {
    for (const AdmissionWebhook& webhook : configuration.webhooks) {
      if (webhook.url.empty()) services.emplace(webhook.service, webhook.port);
    }
  }
  return services;
}

void judge_service(const CheckInput& input, const ObjectName& name, const std::string& port,
                   Findings& out) {
  const std::string text = "Service " + name.first + "/" + name.second;
  const auto service = input.facts.services.find(name);
  if (service == input.facts.services.end()) {
    out.fail(text + ", which the API server calls, does not exist",
             "kubectl apply -k manifests/base");
    return;
  }
  const auto& ports = service->second;
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) {
    out.fail(text + " has no port " + port + ", which the API server calls",
             "kubectl -n " + name.first + " edit service " + name.second);
    return;
  }
  if (skip_unknown(input, ObjectKind::kEndpointSlice, out)) return;
  int ready = 0;
  const auto found = input.facts.ready_endpoints.find(name);
  if (found != input.facts.ready_endpoints.end()) {
    for (const auto& [type, count] : found->second) ready = std::max(ready, count);
  }
  const std::string pods =
      "kubectl -n " + name.first + " get pods -l app.kubernetes.io/name=cvm-webhook -o wide";
  if (ready == 0) {
    out.fail(text + " has no ready endpoint, so that workspaces cannot be created", pods);
  } else if (ready == 1) {
    out.warn(text + " has one ready endpoint; without it workspaces cannot be created", pods);
  } else {
    out.pass(text + " has " + std::to_string(ready) + " ready endpoints");
  }
}

std::string can_i_command(const CheckInput& input) {
  const DeploymentFacts* deployment = input.facts.deployment();
  const std::string account = deployment == nullptr || deployment->service_account.empty()
                                  ? "cvm-webhook"
                                  : deployment->service_account;
  return "kubectl auth can-i --list --as system:serviceaccount:" + input.facts.webhook_namespace() +
         ":" + account;
}

// The API server calls a URL, where what Kubernetes knows of a Service and of pods says nothing.
bool is_called_by_url(const ClusterFacts& facts) {
  return !facts.configurations.empty() && services_of(facts).empty();
}

}  // namespace

void check_service(const CheckInput& input, Findings& out) {
  if (is_called_by_url(input.facts)) {
    out.skip("the API server calls the webhook by a URL, not by a Service",
             "kubectl get mutatingwebhookconfiguration cvm-webhook -o yaml");
    return;
  }
  if (input.facts.configurations.empty()) {
    out.skip("no webhook configuration of cvm-webhook names its Service",
             "kubectl apply -k manifests/base");
    return;
  }
  if (skip_unknown(input, ObjectKind::kService, out)) return;
  for (const auto& [name, port] : services_of(input.facts)) judge_service(input, name, port, out);
}

void check_deployment(const CheckInput& input, Findings& out) {
  if (is_called_by_url(input.facts)) {
    out.skip("the API server calls the webhook by a URL, where no Deployment need be",
             "kubectl -n " + input.facts.webhook_namespace() + " get deployments");
    return;
  }
  if (skip_unknown(input, ObjectKind::kDeployment, out)) return;
  if (input.facts.deployments.empty()) {
    out.fail("there is no Deployment of cvm-webhook in " + input.facts.webhook_namespace(),
             "kubectl apply -k manifests/base");
    return;
  }
  for (const auto& [name, deployment] : input.facts.deployments) {
    const std::string state = "Deployment " + name.first + "/" + name.second + " has " +
                              std::to_string(deployment.ready) + " of " +
                              count_of(static_cast<std::size_t>(deployment.wanted), "replica") +
                              " ready";
    const std::string fix = "kubectl -n " + name.first + " describe deployment " + name.second;
    if (deployment.ready == 0) {
      out.fail(state, fix);
    } else if (deployment.ready < deployment.wanted) {
      out.warn(state, fix);
    } else if (deployment.wanted < 2) {
      out.warn(state + "; while it restarts workspaces cannot be created",
               "kubectl -n " + name.first + " scale deployment " + name.second + " --replicas=2");
    } else {
      out.pass(state);
    }
  }
}

void check_service_account(const CheckInput& input, Findings& out) {
  if (input.facts.access.empty()) {
    out.skip(input.facts.access_unknown, can_i_command(input));
    return;
  }
  std::vector<std::string> denied;
  const bool marks = input.settings.settings.nodes.mark;
  for (const AccessAnswer& answer : input.facts.access) {
    const bool is_needed = marks || answer.verb != "patch";
    if (!answer.allowed && is_needed) denied.push_back(answer.verb + " " + answer.resource);
  }
  if (denied.empty()) {
    out.pass("the service account may do what the webhook does");
  } else {
    out.fail("the service account of the webhook may not " + some_of(denied),
             "kubectl apply -f manifests/base/rbac.yaml");
  }
}

}  // namespace cvm::webhook
