#include "webhook/kubernetes/access/cluster_access.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "certs/certificate.hpp"
#include "certs/files.hpp"

namespace cvm::webhook {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

Result<ClusterAccess> in_cluster_access(const std::string& directory) {
  ClusterAccess access;
  access.host = environment("KUBERNETES_SERVICE_HOST");
  access.port = environment("KUBERNETES_SERVICE_PORT");
  if (access.host.empty() || access.port.empty()) {
    return Error{
        "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; outside of "
        "a cluster give --kubeconfig FILE"};
  }
  const std::string ca_file = directory + "/ca.crt";
  const certs::Result<std::string> ca = certs::read_file(ca_file);
  if (!ca)
    return Error{fmt::format("{}; is automountServiceAccountToken off?", ca.error().message)};
  if (const auto facts = certs::inspect(*ca); !facts) {
    return Error{fmt::format("{}: {}", ca_file, facts.error().message)};
  }
  access.ca_pem = *ca;
  access.token_file = directory + "/token";
  const certs::Result<std::string> token = certs::read_file(access.token_file);
  if (!token)
    return Error{fmt::format("{}; is automountServiceAccountToken off?", token.error().message)};
  if (const certs::Result<std::string> ns =
          certs::read_file(fmt::format("{}/namespace", directory));
      ns) {
    access.ns = *ns;
  }
  return access;
}

}  // namespace cvm::webhook
