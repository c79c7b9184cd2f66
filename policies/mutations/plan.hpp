// Plan: what a CVM pod must contain, and the JSON Patch that adds what is not there yet.
//
// The parts: spec.runtimeClassName, the supervisor, its host path volumes, and the annotation that
// names the plan. Text that depends on the settings alone is rendered once, in PlanTemplate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/finding.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/registry.hpp"

namespace cvm {

inline constexpr std::string_view kSupervisorName = "cvm-supervisor";
inline constexpr std::string_view kReservedPrefix = "cvm-";  // volumes
inline constexpr std::string_view kPlanAnnotation = "cvm-webhook.io/plan";
inline constexpr std::string_view kPlanVersion = "v1";

// One row of the host path table that the settings call for.
struct HostPathPart {
  std::string volume_name;  // "cvm-usr-src"
  std::string host_path;    // "/usr/src"
  std::string type;         // "Directory"
  std::string mount_path;   // "/usr/src"
  bool read_only = true;
};

class PlanTemplate {
 public:
  explicit PlanTemplate(const Settings& settings);

  const std::vector<HostPathPart>& host_paths() const { return host_paths_; }

  // Appends to `patch` the operations that `pod` still needs, as one JSON array, or nothing when
  // the pod contains the whole plan.
  void render_patch(const PodContext& context, std::string& patch) const;

  // True when `container` is the supervisor of this plan for this pod, with nothing added but what
  // the API server itself adds.
  bool is_supervisor(const Container& container, const PodContext& context) const;
  // True when `volume` is a volume of this plan, unchanged.
  bool is_plan_volume(const Volume& volume) const;

 private:
  std::vector<HostPathPart> host_paths_;
  // further rendered fragments
};

}  // namespace cvm
