#include "webhook/suites/pod_makers.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "policies/model/closest_name.hpp"
#include "webhook/config/json_places.hpp"
#include "webhook/config/settings_value.hpp"

namespace cvm::webhook {

namespace {

// As webhook/admission/review_objects.cpp knows them.
constexpr std::array<PodMaker, 8> kMakers = {{
    {"Deployment", "apps/v1", "spec.template"},
    {"StatefulSet", "apps/v1", "spec.template"},
    {"DaemonSet", "apps/v1", "spec.template"},
    {"ReplicaSet", "apps/v1", "spec.template"},
    {"Job", "batch/v1", "spec.template"},
    {"CronJob", "batch/v1", "spec.jobTemplate.spec.template"},
    {"ReplicationController", "v1", "spec.template"},
    {"PodTemplate", "v1", "template"},
}};

std::vector<std::string_view> kinds() {
  std::vector<std::string_view> names;
  for (const PodMaker& maker : kMakers) names.push_back(maker.kind);
  return names;
}

}  // namespace

nlohmann::json::json_pointer PodMaker::template_pointer() const {
  return nlohmann::json::json_pointer(field_to_pointer(path));
}

const PodMaker* find_pod_maker(std::string_view kind) {
  const auto* const found = std::find_if(kMakers.begin(), kMakers.end(),
                                         [kind](const PodMaker& one) { return one.kind == kind; });
  return found == kMakers.end() ? nullptr : found;
}

std::string list_pod_makers() { return list_words(kinds()); }

std::string suggest_pod_maker(std::string_view kind) { return did_you_mean(kind, kinds()); }

nlohmann::json make_pod(const PodMaker& maker, const nlohmann::json& object) {
  nlohmann::json pod = object.at(maker.template_pointer());
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  const nlohmann::json metadata = object.value("metadata", nlohmann::json::object());
  const std::string name = metadata.value("name", "unnamed");
  pod["metadata"]["generateName"] = name + "-";
  pod["metadata"]["ownerReferences"] = {{{"apiVersion", maker.api_version},
                                         {"kind", maker.kind},
                                         {"name", name},
                                         {"uid", "00000000-0000-4000-8000-000000000000"},
                                         {"controller", true},
                                         {"blockOwnerDeletion", true}}};
  return pod;
}

}  // namespace cvm::webhook
