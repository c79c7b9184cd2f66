#include "policies/mutations/plan.hpp"

#include <algorithm>
#include <utility>

#include "policies/mutations/json_text.hpp"
#include "policies/mutations/node_affinity.hpp"
#include "policies/mutations/plan_hash.hpp"
#include "policies/mutations/profile_annotation.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

namespace {

std::string render_runtime_class_operation(std::string_view runtime_class_name) {
  std::string operation = R"({"op":"add","path":"/spec/runtimeClassName","value":)";
  append_json_string(operation, runtime_class_name);
  operation += '}';
  return operation;
}

// A comma between two operations of the array.
void separate(std::string& patch) {
  if (patch.back() != '[') patch += ',';
}

void append_plan_annotation(const PodView& pod, std::string_view value, std::string& patch) {
  const auto found = pod.annotations.find(kPlanAnnotation);
  if (found == value) return;
  separate(patch);
  if (!pod.has_annotations) {
    patch += R"({"op":"add","path":"/metadata/annotations","value":{)";
    append_json_string(patch, kPlanAnnotation);
    patch += ':';
    append_json_string(patch, value);
    patch += "}}";
    return;
  }
  patch += found ? R"({"op":"replace","path":"/metadata/annotations/)"
                 : R"({"op":"add","path":"/metadata/annotations/)";
  append_pointer_token(patch, kPlanAnnotation);
  patch += R"(","value":)";
  append_json_string(patch, value);
  patch += '}';
}

}  // namespace

PlanTemplate::PlanTemplate(const Settings& settings, std::string profile)
    : runtime_class_name_(settings.runtime_class_name),
      profile_(std::move(profile)),
      marks_nodes_(settings.nodes.mark),
      host_paths_(host_path_parts(settings)),
      supervisor_(settings, host_paths_),
      runtime_class_operation_(render_runtime_class_operation(settings.runtime_class_name)) {
  settings_hash_ = hash_plan_text(runtime_class_operation_);
  for (const HostPathPart& part : host_paths_) {
    volumes_.push_back(render_volume(part));
    settings_hash_ = hash_plan_text(volumes_.back(), settings_hash_);
  }
  settings_hash_ = hash_plan_text(supervisor_.settings_text(), settings_hash_);
}

bool PlanTemplate::is_supervisor(const Container& container, const PodContext& context) const {
  return supervisor_.matches(container, context);
}

const Container* PlanTemplate::find_supervisor(const PodContext& context) const {
  const Container* supervisor = nullptr;
  context.pod.for_each_container([&](const Container& container) {
    if (supervisor == nullptr && is_supervisor(container, context)) supervisor = &container;
  });
  return supervisor;
}

bool PlanTemplate::is_plan_volume(const Volume& volume) const {
  return std::any_of(host_paths_.begin(), host_paths_.end(),
                     [&volume](const HostPathPart& part) { return is_volume_of(part, volume); });
}

// Without marks the label is on no node, or says what was true once.
bool PlanTemplate::selects_gpu_nodes(const PodContext& context) const {
  return marks_nodes_ && context.gpus.any();
}

PlanTemplate::Part PlanTemplate::gpu_selector_part(const PodView& pod) const {
  const auto found = pod.node_selector.find(kCvmGpuNodeLabel);
  if (!found) return Part::kAbsent;
  return found == "true" ? Part::kPresent : Part::kNameTaken;
}

PlanTemplate::Part PlanTemplate::supervisor_part(const PodContext& context) const {
  if (context.supervisor != nullptr) return Part::kPresent;
  bool taken = false;
  context.pod.for_each_container(
      [&taken](const Container& container) { taken |= container.name == kSupervisorName; });
  return taken ? Part::kNameTaken : Part::kAbsent;
}

PlanTemplate::Part PlanTemplate::volume_part(const HostPathPart& part, const PodView& pod) const {
  for (const Volume& volume : pod.volumes) {
    if (volume.name != part.volume_name) continue;
    return is_volume_of(part, volume) ? Part::kPresent : Part::kNameTaken;
  }
  return Part::kAbsent;
}

void PlanTemplate::render_patch(const PodContext& context, const Separation& apart,
                                std::string& patch) const {
  const std::size_t start = patch.size();
  patch += '[';
  if (context.pod.runtime_class_name != runtime_class_name_) patch += runtime_class_operation_;
  append_gpu_selector(context, patch);
  if (apart.kind == Separation::Kind::kByLabel || apart.kind == Separation::Kind::kByName) {
    append_node_affinity(context.pod, apart, patch);
  }
  if (supervisor_part(context) == Part::kAbsent) append_supervisor(context, patch);
  append_volumes(context.pod, patch);
  append_annotation(context, patch);
  if (patch.size() == start + 1) {
    patch.resize(start);
  } else {
    patch += ']';
  }
}

void PlanTemplate::append_gpu_selector(const PodContext& context, std::string& patch) const {
  if (!selects_gpu_nodes(context) || gpu_selector_part(context.pod) != Part::kAbsent) return;
  separate(patch);
  // An empty selector is as good as none.
  if (context.pod.node_selector.empty()) {
    patch += R"({"op":"add","path":"/spec/nodeSelector","value":{)";
    append_json_string(patch, kCvmGpuNodeLabel);
    patch += R"(:"true"}})";
    return;
  }
  patch += R"({"op":"add","path":"/spec/nodeSelector/)";
  append_pointer_token(patch, kCvmGpuNodeLabel);
  patch += R"(","value":"true"})";
}

void PlanTemplate::append_supervisor(const PodContext& context, std::string& patch) const {
  separate(patch);
  if (supervisor_.kind() == ContainerKind::kRegular) {
    patch += R"({"op":"add","path":"/spec/containers/-","value":)";
    supervisor_.render(context, patch);
  } else if (context.pod.has_init_containers) {
    patch += R"({"op":"add","path":"/spec/initContainers/0","value":)";
    supervisor_.render(context, patch);
  } else {
    patch += R"({"op":"add","path":"/spec/initContainers","value":[)";
    supervisor_.render(context, patch);
    patch += ']';
  }
  patch += '}';
}

void PlanTemplate::append_volumes(const PodView& pod, std::string& patch) const {
  if (volumes_.empty()) return;
  if (!pod.has_volumes) {
    separate(patch);
    patch += R"({"op":"add","path":"/spec/volumes","value":)";
    for (std::size_t index = 0; index < volumes_.size(); ++index) {
      patch += index == 0 ? '[' : ',';
      patch += volumes_[index];
    }
    patch += "]}";
    return;
  }
  for (std::size_t index = 0; index < volumes_.size(); ++index) {
    if (volume_part(host_paths_[index], pod) != Part::kAbsent) continue;
    separate(patch);
    patch += R"({"op":"add","path":"/spec/volumes/-","value":)";
    patch += volumes_[index];
    patch += '}';
  }
}

PlanTemplate::AnnotationText PlanTemplate::annotation_of(const PodContext& context) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  AnnotationText text;
  auto end = std::copy(kPlanVersion.begin(), kPlanVersion.end(), text.begin());
  *end++ = ':';
  std::uint64_t hash = supervisor_.hash_pod(context, settings_hash_);
  if (selects_gpu_nodes(context)) hash = hash_plan_text(kCvmGpuNodeLabel, hash);
  for (int shift = 60; shift >= 0; shift -= 4) *end++ = kDigits[hash >> shift & 15U];
  return text;
}

void PlanTemplate::append_annotation(const PodContext& context, std::string& patch) const {
  const AnnotationText text = annotation_of(context);
  append_plan_annotation(context.pod, {text.data(), text.size()}, patch);
  append_profile_annotation(context.pod, profile_, patch);
}

void PlanTemplate::describe_gaps(const PodContext& context, bool blocked_only,
                                 Problems& problems) const {
  const auto wanted = [blocked_only](Part part) {
    return part == Part::kNameTaken || (part == Part::kAbsent && !blocked_only);
  };
  const auto add = [&problems](std::string part, std::string_view field) {
    problems.push_back({std::move(part) + " that makes this pod a CVM is missing or was changed; "
                                          "look for another admission webhook that edits pods "
                                          "after cvm-webhook",
                        std::string(field)});
  };
  if (!blocked_only && context.pod.runtime_class_name != runtime_class_name_) {
    add("runtimeClassName \"" + runtime_class_name_ + "\"", "spec.runtimeClassName");
  }
  const Part gpu_selector =
      selects_gpu_nodes(context) ? gpu_selector_part(context.pod) : Part::kPresent;
  if (gpu_selector == Part::kNameTaken) {
    problems.push_back(
        {"the pod requests a GPU and its nodeSelector asks for nodes with the label " +
             std::string(kCvmGpuNodeLabel) +
             " other than \"true\", which cannot host it; remove that label",
         "spec.nodeSelector"});
  } else if (wanted(gpu_selector)) {
    add("nodeSelector \"" + std::string(kCvmGpuNodeLabel) + ": true\"", "spec.nodeSelector");
  }
  if (wanted(supervisor_part(context))) {
    add("container \"" + std::string(kSupervisorName) + "\"",
        supervisor_.kind() == ContainerKind::kInit ? "spec.initContainers" : "spec.containers");
  }
  for (const HostPathPart& part : host_paths_) {
    if (wanted(volume_part(part, context.pod))) {
      add("volume \"" + part.volume_name + "\"", "spec.volumes");
    }
  }
  const AnnotationText text = annotation_of(context);
  if (!blocked_only &&
      context.pod.annotations.find(kPlanAnnotation) != std::string_view(text.data(), text.size())) {
    add("annotation \"" + std::string(kPlanAnnotation) + "\"", "metadata.annotations");
  }
}

}  // namespace cvm
