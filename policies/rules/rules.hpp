// The rules of the catalogue: rules::tmp_mount, rules::no_compatible_node.
#pragma once

#include "policies/rule.hpp"

namespace cvm::rules {

#define CVM_RULE(type, name) extern const type name;
#include "policies/rules/rules.def"

}  // namespace cvm::rules
