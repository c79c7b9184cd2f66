// Plan: what a CVM pod must contain, and the JSON Patch that adds what is not there yet.
//
// In mode supervised the parts are: spec.runtimeClassName, for pods that request a GPU the node
// selector kCvmGpuNodeLabel (the RuntimeClass selects nodes for CVMs without one only), the
// supervisor, its volumes, and the annotations that name the plan and a wrapped supervisor. In mode
// native: spec.runtimeClassName, what gives the pod its user namespace on its nodes
// (user_namespace.hpp), and the annotation of the plan; besides, as Sysbox's own RuntimeClass knows
// no marks, the node selector kCvmNodeLabel where nodes are marked, which the final pod need not
// have. In both, CVMs that a profile made have an annotation that names it. Text that depends on
// the settings alone is rendered once, in PlanTemplate.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/host_paths.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/nodes/separation.hpp"
#include "policies/rule.hpp"

namespace cvm {

inline constexpr std::string_view kPlanVersion = "v1";

class PatchWriter;

class PlanTemplate {
 public:
  // `profile`: whose settings they are; empty: of no profile.
  explicit PlanTemplate(const Settings& settings, std::string profile = {});

  // What the settings say of wrapped containers; null with another placement.
  const WrapTemplate* wrap() const { return wrap_ ? &*wrap_ : nullptr; }
  const std::string& profile() const { return profile_; }
  // What the supervisor mounts; of no use in mode native.
  const SupervisorVolumes& volumes() const {
    return wrap_ ? wrap_->volumes() : supervisor_.volumes();
  }

  // Appends to `out` the operations that `context.pod` still needs, as one JSON array, or nothing
  // when the pod contains the whole plan. A part whose name something else has taken is left out.
  // `apart`: how to keep the pod off nodes that cannot host it, where the RuntimeClass does not.
  // It is no part of the plan: what the final pod must have does not change with the nodes.
  void render_patch(const PodContext& context, const Separation& apart, std::string& out) const;

  // The parts of the plan that the pod lacks; with `blocked_only`, just those that no patch can add
  // because something else has taken their name.
  void describe_gaps(const PodContext& context, bool blocked_only, Problems& problems) const;

  // True when `container` is the supervisor of this plan for this pod, with nothing added but what
  // the API server itself adds.
  bool is_supervisor(const Container& container, const PodContext& context) const;
  // The container that is_supervisor() accepts, or null.
  const Container* find_supervisor(const PodContext& context) const;
  // True when `volume` is a volume of this plan for this pod, unchanged.
  bool is_plan_volume(const Volume& volume, const PodContext& context) const;

 private:
  enum class Part { kPresent, kAbsent, kNameTaken };

  // A host path, or an emptyDir.
  struct PlanVolume {
    std::string name;
    std::optional<HostPathPart> host_path;
    bool gpu_pods_only = false;
    std::string json;

    bool is(const Volume& volume) const;
  };
  struct Annotation {
    std::string_view key, value;
  };
  // Mode native (native_plan.cpp).
  void render_native(const PodContext& context, const Separation& apart, PatchWriter& patch) const;
  void describe_native_gaps(const PodContext& context, Problems& problems) const;

  bool selects_gpu_nodes(const PodContext& context) const;
  Part gpu_selector_part(const PodView& pod) const;
  Part supervisor_part(const PodContext& context) const;
  Part volume_part(const PlanVolume& planned, const PodView& pod) const;
  bool has_volume(const PlanVolume& planned, const PodContext& context) const;
  void append_gpu_selector(const PodContext& context, PatchWriter& patch) const;
  void append_supervisor(const PodContext& context, PatchWriter& patch) const;
  void append_volumes(const PodContext& context, PatchWriter& patch) const;
  void append_annotations(const PodContext& context, PatchWriter& patch) const;
  void describe_annotation_gaps(const PodContext& context, Problems& problems) const;
  void describe_supervisor_gap(const PodContext& context, Problems& problems) const;

  // "v1:<16 hexadecimal digits>".
  using AnnotationText = std::array<char, 19>;
  AnnotationText annotation_of(const PodContext& context) const;
  std::uint64_t hash_of(const PodContext& context) const;
  // Calls visit(Annotation) for each annotation of the plan.
  template <typename Visit>
  void for_each_annotation(const PodContext& context, Visit&& visit) const;

  Mode mode_;
  std::string runtime_class_name_;
  std::string profile_;
  bool marks_nodes_;
  SupervisorTemplate supervisor_;
  std::optional<WrapTemplate> wrap_;  // then supervisor_ is not used
  std::string runtime_class_operation_;
  std::vector<PlanVolume> volumes_;
  std::uint64_t settings_hash_ = 0;
};

}  // namespace cvm
