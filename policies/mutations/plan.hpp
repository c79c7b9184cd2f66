// Plan: what a CVM pod must contain, and the JSON Patch that adds what is not there yet.
//
// The parts: spec.runtimeClassName, for pods that request a GPU the node selector kCvmGpuNodeLabel
// (the RuntimeClass selects nodes for CVMs without one only), the supervisor, its host path
// volumes, the annotation that names the plan, and of CVMs that a profile made the one that names
// it. Text that depends on the settings alone is rendered once, in PlanTemplate.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/host_paths.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/nodes/separation.hpp"
#include "policies/registry.hpp"

namespace cvm {

inline constexpr std::string_view kPlanVersion = "v1";

class PlanTemplate {
 public:
  // `profile`: whose settings they are; empty: of no profile.
  explicit PlanTemplate(const Settings& settings, std::string profile = {});

  const std::vector<HostPathPart>& host_paths() const { return host_paths_; }
  const std::string& profile() const { return profile_; }

  // Appends to `patch` the operations that `context.pod` still needs, as one JSON array, or nothing
  // when the pod contains the whole plan. A part whose name something else has taken is left out.
  // `apart`: how to keep the pod off nodes that cannot host it, where the RuntimeClass does not.
  // It is no part of the plan: what the final pod must have does not change with the nodes.
  void render_patch(const PodContext& context, const Separation& apart, std::string& patch) const;

  // The parts of the plan that the pod lacks; with `blocked_only`, just those that no patch can add
  // because something else has taken their name.
  void describe_gaps(const PodContext& context, bool blocked_only, Problems& problems) const;

  // True when `container` is the supervisor of this plan for this pod, with nothing added but what
  // the API server itself adds.
  bool is_supervisor(const Container& container, const PodContext& context) const;
  // The container that is_supervisor() accepts, or null.
  const Container* find_supervisor(const PodContext& context) const;
  // True when `volume` is a volume of this plan, unchanged.
  bool is_plan_volume(const Volume& volume) const;

 private:
  enum class Part { kPresent, kAbsent, kNameTaken };

  bool selects_gpu_nodes(const PodContext& context) const;
  Part gpu_selector_part(const PodView& pod) const;
  Part supervisor_part(const PodContext& context) const;
  Part volume_part(const HostPathPart& part, const PodView& pod) const;
  void append_gpu_selector(const PodContext& context, std::string& patch) const;
  void append_supervisor(const PodContext& context, std::string& patch) const;
  void append_volumes(const PodView& pod, std::string& patch) const;
  void append_annotation(const PodContext& context, std::string& patch) const;

  // "v1:<16 hexadecimal digits>".
  using AnnotationText = std::array<char, 19>;
  AnnotationText annotation_of(const PodContext& context) const;

  std::string runtime_class_name_;
  std::string profile_;
  bool marks_nodes_;
  std::vector<HostPathPart> host_paths_;
  SupervisorTemplate supervisor_;
  std::string runtime_class_operation_;
  std::vector<std::string> volumes_;  // as JSON, as host_paths_
  std::uint64_t settings_hash_ = 0;
};

}  // namespace cvm
