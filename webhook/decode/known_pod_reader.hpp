// A Pod object as the API server tells of it -> KnownPod, by way of StoredPod.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "policies/model/known_pods.hpp"

namespace cvm::webhook {

KnownPod read_known_pod(simdjson::dom::element pod);

// The same with what tells whether and where KnownPods keeps it; views into the parsed document.
struct KeyedPod {
  std::string_view ns, name;
  bool is_bound = false;
  KnownPod known;
};

KeyedPod read_keyed_pod(simdjson::dom::element pod);

}  // namespace cvm::webhook
