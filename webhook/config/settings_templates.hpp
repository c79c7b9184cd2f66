// The settings key `nodes.templates`: node groups that can be scaled up from no nodes.
#pragma once

#include <vector>

#include "policies/model/settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// Every mistake names its template: "nodes.templates[0] (gpu-pool): ...".
void read_templates(const DocumentValue& value, std::vector<NodeTemplate>& templates);

}  // namespace cvm::webhook
