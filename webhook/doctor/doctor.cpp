#include "webhook/doctor/doctor.hpp"

#include <array>

#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

constexpr std::array kChecks = std::to_array<Check>({
    {"settings", "The webhook's settings are known", check_settings},
    {"nodes", "Nodes can host CVMs", check_nodes},
    {"runtime-class", "The RuntimeClass of CVMs is there and has the right handler",
     check_runtime_class},
    {"runtime-class-nodes", "The RuntimeClass selects the nodes that can host CVMs",
     check_runtime_class_nodes},
    {"kubernetes-version", "The versions of Kubernetes fit", check_kubernetes_version},
    {"container-runtime", "The nodes' container runtimes fit", check_container_runtime},
    {"configurations", "Both webhook configurations are there", check_configurations},
    {"configuration-rules", "The API server asks about all that it is to ask about",
     check_configuration_rules},
    {"failure-policy", "What the webhook cannot answer is refused", check_failure_policy},
    {"namespace-selector", "Namespaces that take part are selected, the system's are not",
     check_namespace_selector},
    {"timeout", "The API server does not wait for long", check_timeout},
    {"ca-bundle", "caBundle holds a valid CA", check_ca_bundle},
    {"serving-certificate", "The serving certificate fits caBundle and is valid",
     check_serving_certificate},
    {"service", "The Service has ready endpoints", check_service},
    {"deployment", "The Deployment's replicas are ready", check_deployment},
    {"service-account", "The service account may do what the webhook does", check_service_account},
    {"namespaces", "Namespaces take part, and their labels are understood", check_namespaces},
    {"pod-security", "Pod Security Admission lets CVMs in", check_pod_security},
    {"limit-ranges", "LimitRanges let the supervisor in", check_limit_ranges},
    {"quotas", "ResourceQuotas let the supervisor in", check_quotas},
    {"storage-classes", "CVMs can use the cluster's storage", check_storage_classes},
    {"pods", "Pods that should be CVMs are", check_plain_pods},
});

}  // namespace

std::span<const Check> all_checks() { return kChecks; }

std::vector<CheckResult> run_checks(const CheckInput& input) {
  std::vector<CheckResult> results;
  for (const Check& check : kChecks) {
    results.push_back({&check, {}});
    check.run(input, results.back().findings);
  }
  return results;
}

CheckCounts count(const std::vector<CheckResult>& results) {
  CheckCounts counts;
  for (const CheckResult& result : results) {
    switch (result.findings.status()) {
      case CheckStatus::kPass:
        ++counts.passed;
        break;
      case CheckStatus::kSkip:
        ++counts.skipped;
        break;
      case CheckStatus::kWarn:
        ++counts.warnings;
        break;
      case CheckStatus::kFail:
        ++counts.failed;
        break;
    }
  }
  return counts;
}

}  // namespace cvm::webhook
