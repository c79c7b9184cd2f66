// The settings key `compatibility`: rows that are added to the built-in tables, or replace some.
#pragma once

#include "policies/model/compatibility.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// Every mistake names its row: "compatibility.distributions[1] (ubuntu 22.04): ...".
void read_compatibility(const DocumentValue& value, Compatibility& compatibility);

}  // namespace cvm::webhook
