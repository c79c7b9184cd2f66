// The settings keys that say what is put into a pod: supervisor, hostPaths, network.
#pragma once

#include <array>
#include <string>

#include "policies/model/settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

void read_supervisor(const DocumentValue& value, SupervisorSettings& supervisor);
void read_host_paths(const DocumentValue& value, HostPathTable& host_paths);
void read_network_cidr(const DocumentValue& value, std::string& cidr);

}  // namespace cvm::webhook
