// isolation: what keeps users away from the supervisor, and the user's part within a level.
#pragma once

#include "policies/model/settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

void read_isolation(const DocumentValue& value, IsolationSettings& isolation);

}  // namespace cvm::webhook
