// What serves the API server's calls: the Service and its endpoints, the Deployment, and what its
// service account may do.
//
// Reads Services, EndpointSlices and Deployments of the webhook's namespace, and access reviews.

#include <fmt/format.h>

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
  const std::string text = fmt::format("Service {}/{}", name.first, name.second);
  const auto service = input.facts.services.find(name);
  if (service == input.facts.services.end()) {
    out.fail(fmt::format("{}, which the API server calls, does not exist", text),
             "kubectl apply -k manifests/base");
    return;
  }
  const auto& ports = service->second;
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) {
    out.fail(fmt::format("{} has no port {}, which the API server calls", text, port),
             fmt::format("kubectl -n {} edit service {}", name.first, name.second));
    return;
  }
  if (skip_unknown(input, ObjectKind::kEndpointSlice, out)) return;
  int ready = 0;
  const auto found = input.facts.ready_endpoints.find(name);
  if (found != input.facts.ready_endpoints.end()) {
    for (const auto& [type, count] : found->second) ready = std::max(ready, count);
  }
  const std::string pods = fmt::format(
      "kubectl -n {} get pods -l app.kubernetes.io/name=cvm-webhook -o wide", name.first);
  if (ready == 0) {
    out.fail(fmt::format("{} has no ready endpoint, so that workspaces cannot be created", text),
             pods);
  } else if (ready == 1) {
    out.warn(
        fmt::format("{} has one ready endpoint; without it workspaces cannot be created", text),
        pods);
  } else {
    out.pass(fmt::format("{} has {} ready endpoints", text, ready));
  }
}

std::string can_i_command(const CheckInput& input) {
  const DeploymentFacts* deployment = input.facts.deployment();
  const std::string account = deployment == nullptr || deployment->service_account.empty()
                                  ? "cvm-webhook"
                                  : deployment->service_account;
  return fmt::format("kubectl auth can-i --list --as system:serviceaccount:{}:{}",
                     input.facts.webhook_namespace(), account);
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
             fmt::format("kubectl -n {} get deployments", input.facts.webhook_namespace()));
    return;
  }
  if (skip_unknown(input, ObjectKind::kDeployment, out)) return;
  if (input.facts.deployments.empty()) {
    out.fail(
        fmt::format("there is no Deployment of cvm-webhook in {}", input.facts.webhook_namespace()),
        "kubectl apply -k manifests/base");
    return;
  }
  for (const auto& [name, deployment] : input.facts.deployments) {
    const std::string state = fmt::format(
        "Deployment {}/{} has {} of {} ready", name.first, name.second, deployment.ready,
        count_of(static_cast<std::size_t>(deployment.wanted), "replica"));
    const std::string fix =
        fmt::format("kubectl -n {} describe deployment {}", name.first, name.second);
    if (deployment.ready == 0) {
      out.fail(state, fix);
    } else if (deployment.ready < deployment.wanted) {
      out.warn(state, fix);
    } else if (deployment.wanted < 2) {
      out.warn(
          fmt::format("{}; while it restarts workspaces cannot be created", state),
          fmt::format("kubectl -n {} scale deployment {} --replicas=2", name.first, name.second));
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
    if (!answer.allowed && is_needed)
      denied.push_back(fmt::format("{} {}", answer.verb, answer.resource));
  }
  if (denied.empty()) {
    out.pass("the service account may do what the webhook does");
  } else {
    out.fail(fmt::format("the service account of the webhook may not {}", some_of(denied)),
             "kubectl apply -f manifests/base/rbac.yaml");
  }
}

}  // namespace cvm::webhook
