// The checks, by what they are about; doctor.cpp puts them in order. Each adds at least one
// finding.
#pragma once

#include "webhook/doctor/check.hpp"

namespace cvm::webhook {

// node_checks.cpp
void check_settings(const CheckInput& input, Findings& out);
void check_nodes(const CheckInput& input, Findings& out);

// runtime_class_checks.cpp
void check_runtime_class(const CheckInput& input, Findings& out);
void check_runtime_class_nodes(const CheckInput& input, Findings& out);

// version_checks.cpp
void check_kubernetes_version(const CheckInput& input, Findings& out);
void check_container_runtime(const CheckInput& input, Findings& out);

// configuration_checks.cpp
void check_configurations(const CheckInput& input, Findings& out);
void check_failure_policy(const CheckInput& input, Findings& out);
void check_namespace_selector(const CheckInput& input, Findings& out);
void check_timeout(const CheckInput& input, Findings& out);

// configuration_rule_check.cpp
void check_configuration_rules(const CheckInput& input, Findings& out);

// certificate_checks.cpp
void check_ca_bundle(const CheckInput& input, Findings& out);
void check_serving_certificate(const CheckInput& input, Findings& out);

// serving_checks.cpp
void check_service(const CheckInput& input, Findings& out);
void check_deployment(const CheckInput& input, Findings& out);
void check_service_account(const CheckInput& input, Findings& out);

// namespace_checks.cpp
void check_namespaces(const CheckInput& input, Findings& out);
void check_pod_security(const CheckInput& input, Findings& out);

// resource_checks.cpp
void check_limit_ranges(const CheckInput& input, Findings& out);
void check_quotas(const CheckInput& input, Findings& out);

// workload_checks.cpp
void check_storage_classes(const CheckInput& input, Findings& out);
void check_plain_pods(const CheckInput& input, Findings& out);

}  // namespace cvm::webhook
