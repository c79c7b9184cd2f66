// The key `compatibility.userNamespaces`.
#pragma once

#include <vector>

#include "policies/model/compatibility.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

void read_user_namespaces(const DocumentValue& value, std::vector<UserNamespaceRow>& rows);

}  // namespace cvm::webhook
