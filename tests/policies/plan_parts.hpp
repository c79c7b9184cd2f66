// What is the plan's and what is the user's in a pod, read from JSON.
#pragma once

#include <nlohmann/json.hpp>

namespace cvm::testing {

// The pod without anything that a plan puts in: the user's part, which no patch may change. Lists
// and maps that are left empty, and nulls in their place, are removed as well.
nlohmann::json without_plan(nlohmann::json pod);

// The pod without the container of that name, which a plan has wrapped; empty: none.
nlohmann::json without_container(nlohmann::json pod, const std::string& name);

// The pod without what the plan of mode native puts in besides, or puts right.
nlohmann::json without_native_parts(nlohmann::json pod);

// `patched` without the requirements of node affinity that were appended to what `pod` has.
nlohmann::json without_added_affinity(nlohmann::json patched, const nlohmann::json& pod);

}  // namespace cvm::testing
