// Objects that pods are made by: Deployments, Jobs and others, and the pods that they make.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cvm::webhook {

struct PodMaker {
  std::string_view kind, api_version;
  std::string_view path;        // of its pod template: "spec.template"
  std::string_view controller;  // whose service account makes the pods; empty: there is none

  std::string template_pointer() const;  // "/spec/template"
};

// Null where objects of that kind make no pods.
const PodMaker* find_pod_maker(std::string_view kind);

// "Deployment, ... or PodTemplate"
std::string list_pod_makers();
// "; did you mean Deployment?" or nothing.
std::string suggest_pod_maker(std::string_view kind);

// The pod that a controller would make of `object`, which has a template: it has a generateName,
// and is owned by the object. Json: nlohmann::json or ordered_json.
template <typename Json>
Json make_pod(const PodMaker& maker, const Json& object);

}  // namespace cvm::webhook
