// RuntimeClassFacts: what the cluster's RuntimeClass object of CVM pods says (node.k8s.io/v1).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policies/model/selectors.hpp"

namespace cvm {

struct StoredToleration {
  std::string key, op, value, effect;

  Toleration view() const { return {key, op, value, effect}; }
  bool operator==(const StoredToleration&) const = default;
};

struct RuntimeClassFacts {
  bool found = false;  // the object exists
  std::string handler;
  // `scheduling`: the API server adds these to the pods of the class.
  std::map<std::string, std::string> node_selector;
  std::vector<StoredToleration> tolerations;

  bool operator==(const RuntimeClassFacts&) const = default;
};

}  // namespace cvm
