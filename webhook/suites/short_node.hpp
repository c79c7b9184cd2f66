// The short form of a Node: what matters of one for hosting a CVM, everything else by default.
//
//   {os: Rocky Linux 9.4, kernel: 5.14.0-427.el9.x86_64, taints: ["dedicated=x:NoSchedule"]}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// The Node that `value` means: itself where it is a whole one (metadata, spec, status), else one
// that could host a CVM but for what the short form says. `name` is for one that says none.
nlohmann::json read_node(const DocumentValue& value, const std::string& name);

}  // namespace cvm::webhook
