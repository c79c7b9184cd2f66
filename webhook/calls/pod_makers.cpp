#include "webhook/calls/pod_makers.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "policies/model/closest_name.hpp"
#include "policies/model/text.hpp"
#include "webhook/formats/document_value.hpp"
#include "webhook/formats/json_places.hpp"

namespace cvm::webhook {

namespace {

// As webhook/admission/review_objects.cpp knows them. The controllers are those of
// kube-controller-manager with --use-service-account-credentials (Kubernetes, "Controller roles").
constexpr std::array<PodMaker, 8> kMakers = {{
    {"Deployment", "apps/v1", "spec.template", "replicaset-controller"},
    {"StatefulSet", "apps/v1", "spec.template", "statefulset-controller"},
    {"DaemonSet", "apps/v1", "spec.template", "daemon-set-controller"},
    {"ReplicaSet", "apps/v1", "spec.template", "replicaset-controller"},
    {"Job", "batch/v1", "spec.template", "job-controller"},
    {"CronJob", "batch/v1", "spec.jobTemplate.spec.template", "job-controller"},
    {"ReplicationController", "v1", "spec.template", "replication-controller"},
    {"PodTemplate", "v1", "template", ""},
}};

std::vector<std::string_view> kinds() {
  std::vector<std::string_view> names;
  names.reserve(kMakers.size());
  for (const PodMaker& maker : kMakers) names.push_back(maker.kind);
  return names;
}

}  // namespace

std::string PodMaker::template_pointer() const { return field_to_pointer(path); }

const PodMaker* find_pod_maker(std::string_view kind) {
  const auto* const found = std::find_if(kMakers.begin(), kMakers.end(),
                                         [kind](const PodMaker& one) { return one.kind == kind; });
  return found == kMakers.end() ? nullptr : found;
}

std::string list_pod_makers() { return list_words(kinds()); }

std::string suggest_pod_maker(std::string_view kind) { return did_you_mean(kind, kinds()); }

template <typename Json>
Json make_pod(const PodMaker& maker, const Json& object) {
  const Json& given = object.at(typename Json::json_pointer(maker.template_pointer()));
  const auto text_of = [](const Json& from, const char* key) {
    const auto found = from.is_object() ? from.find(key) : from.end();
    return found != from.end() && found->is_string() ? found->template get<std::string>() : "";
  };
  const Json metadata = object.contains("metadata") ? object["metadata"] : Json();
  const std::string name = text_of(metadata, "name");
  const std::string prefix = text_of(metadata, "generateName");
  Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", Json::object()}};
  pod["metadata"]["generateName"] = !name.empty() || prefix.empty() ? name + "-" : prefix;
  // What a controller takes of a template's metadata (Kubernetes, GetPodFromTemplate).
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    const bool has = given.contains("metadata") && given["metadata"].is_object() &&
                     given["metadata"].contains(key);
    if (has) pod["metadata"][key] = given["metadata"][key];
  }
  if (given.contains("spec")) pod["spec"] = given["spec"];
  pod["metadata"]["ownerReferences"] = {{{"apiVersion", maker.api_version},
                                         {"kind", maker.kind},
                                         {"name", name},
                                         {"uid", "00000000-0000-4000-8000-000000000000"},
                                         {"controller", true},
                                         {"blockOwnerDeletion", true}}};
  return pod;
}

template nlohmann::json make_pod(const PodMaker& maker, const nlohmann::json& object);
template nlohmann::ordered_json make_pod(const PodMaker& maker,
                                         const nlohmann::ordered_json& object);

}  // namespace cvm::webhook
