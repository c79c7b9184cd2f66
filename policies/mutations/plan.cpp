#include "policies/mutations/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policies/model/json_text.hpp"
#include "policies/model/text.hpp"
#include "policies/model/text_hash.hpp"
#include "policies/mutations/node_affinity.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "policies/mutations/plan_parts.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

namespace {

std::string render_runtime_class_operation(std::string_view runtime_class_name) {
  std::string name;
  append_json_string(name, runtime_class_name);
  return PatchWriter::addition("/spec/runtimeClassName", name);
}

std::string render_empty_dir(std::string_view name) {
  std::string volume = R"({"name":)";
  append_json_string(volume, name);
  volume += R"(,"emptyDir":{}})";
  return volume;
}

}  // namespace

PlanTemplate::PlanTemplate(const Settings& settings, std::string profile)
    : mode_(settings.mode),
      runtime_class_name_(settings.runtime_class_name),
      profile_(std::move(profile)),
      marks_nodes_(settings.nodes.mark),
      supervisor_(settings, host_path_parts(settings)),
      runtime_class_operation_(render_runtime_class_operation(settings.runtime_class_name)) {
  settings_hash_ = hash_text(runtime_class_operation_);
  if (mode_ == Mode::kNative) {
    settings_hash_ = hash_text(to_string(mode_), settings_hash_);
    return;
  }
  const std::vector<HostPathPart> host_paths = host_path_parts(settings);
  const auto add_host_path = [this](const HostPathPart& part, bool gpu_pods_only) {
    volumes_.push_back({part.volume_name, part, gpu_pods_only, render_volume(part)});
  };
  for (const HostPathPart& part : host_paths) add_host_path(part, false);
  if (settings.supervisor.placement == Placement::kWrap) wrap_.emplace(settings, host_paths);
  if (volumes().usr_lib()) add_host_path(*volumes().usr_lib(), true);
  for (std::string_view name : volumes().empty_dirs()) {
    volumes_.push_back({std::string(name), std::nullopt, false, render_empty_dir(name)});
  }
  for (const PlanVolume& volume : volumes_) {
    settings_hash_ = hash_text(volume.json, settings_hash_);
  }
  settings_hash_ =
      hash_text(wrap_ ? wrap_->settings_text() : supervisor_.settings_text(), settings_hash_);
}

bool PlanTemplate::PlanVolume::is(const Volume& volume) const {
  if (host_path) return is_volume_of(*host_path, volume);
  return volume.name == name && volume.source == "emptyDir";
}

bool PlanTemplate::is_supervisor(const Container& container, const PodContext& context) const {
  if (mode_ == Mode::kNative) return false;
  if (!wrap_) return supervisor_.matches(container, context);
  const Wrapping* wrapping = context.wrapping;
  return wrapping != nullptr && &container == &wrapping->container() &&
         (wrapping->state() == Wrapping::State::kWhole ||
          wrapping->state() == Wrapping::State::kStale);
}

const Container* PlanTemplate::find_supervisor(const PodContext& context) const {
  const Container* supervisor = nullptr;
  context.pod.for_each_container([&](const Container& container) {
    if (supervisor == nullptr && is_supervisor(container, context)) supervisor = &container;
  });
  return supervisor;
}

bool PlanTemplate::is_plan_volume(const Volume& volume, const PodContext& context) const {
  return std::any_of(volumes_.begin(), volumes_.end(), [&](const PlanVolume& planned) {
    return has_volume(planned, context) && planned.is(volume);
  });
}

bool PlanTemplate::has_volume(const PlanVolume& planned, const PodContext& context) const {
  return !planned.gpu_pods_only || context.gpus.nvidia;
}

// Without marks the label is on no node, or says what was true once.
bool PlanTemplate::selects_gpu_nodes(const PodContext& context) const {
  return mode_ == Mode::kSupervised && marks_nodes_ && context.gpus.any();
}

PlanTemplate::Part PlanTemplate::gpu_selector_part(const PodView& pod) const {
  const auto found = pod.node_selector.find(kCvmGpuNodeLabel);
  if (!found) return Part::kAbsent;
  return found == "true" ? Part::kPresent : Part::kNameTaken;
}

PlanTemplate::Part PlanTemplate::supervisor_part(const PodContext& context) const {
  if (wrap_) {
    switch (context.wrapping->state()) {
      case Wrapping::State::kPlain:
      case Wrapping::State::kStale:
        return Part::kAbsent;
      case Wrapping::State::kWhole:
        return Part::kPresent;
      case Wrapping::State::kChanged:
        break;
    }
    return Part::kNameTaken;
  }
  if (context.supervisor != nullptr) return Part::kPresent;
  bool taken = false;
  context.pod.for_each_container(
      [&taken](const Container& container) { taken |= container.name == kSupervisorName; });
  return taken ? Part::kNameTaken : Part::kAbsent;
}

PlanTemplate::Part PlanTemplate::volume_part(const PlanVolume& planned, const PodView& pod) const {
  for (const Volume& volume : pod.volumes) {
    if (volume.name != planned.name) continue;
    return planned.is(volume) ? Part::kPresent : Part::kNameTaken;
  }
  return Part::kAbsent;
}

void PlanTemplate::render_patch(const PodContext& context, const Separation& apart,
                                std::string& out) const {
  PatchWriter patch(out);
  if (mode_ == Mode::kNative) return render_native(context, apart, patch);
  if (context.pod.runtime_class_name != runtime_class_name_) {
    patch.append(runtime_class_operation_);
  }
  append_gpu_selector(context, patch);
  if (apart.kind == Separation::Kind::kByLabel || apart.kind == Separation::Kind::kByName) {
    append_node_affinity(context.pod, apart, patch);
  }
  if (wrap_) {
    context.wrapping->append_operations(patch);
  } else if (supervisor_part(context) == Part::kAbsent) {
    append_supervisor(context, patch);
  }
  append_volumes(context, patch);
  append_annotations(context, patch);
}

void PlanTemplate::append_gpu_selector(const PodContext& context, PatchWriter& patch) const {
  if (!selects_gpu_nodes(context) || gpu_selector_part(context.pod) != Part::kAbsent) return;
  append_node_selector(context.pod, kCvmGpuNodeLabel, patch);
}

void PlanTemplate::append_supervisor(const PodContext& context, PatchWriter& patch) const {
  const auto render = [&](std::string& out) { supervisor_.render(context, out); };
  if (supervisor_.kind() == ContainerKind::kRegular) {
    patch.list("/spec/containers", true).append(render);
  } else if (context.pod.has_init_containers) {
    patch.add("/spec/initContainers/0", render);
  } else {
    patch.list("/spec/initContainers", false).append(render);
  }
}

void PlanTemplate::append_volumes(const PodContext& context, PatchWriter& patch) const {
  PatchWriter::List volumes = patch.list("/spec/volumes", context.pod.has_volumes);
  for (const PlanVolume& planned : volumes_) {
    if (!has_volume(planned, context) || volume_part(planned, context.pod) != Part::kAbsent) {
      continue;
    }
    volumes.append(planned.json);
  }
}

// A wrapped container says what of it was changed.
void PlanTemplate::describe_supervisor_gap(const PodContext& context, Problems& problems) const {
  if (!wrap_)
    return add_gap(
        fmt::format("container {}", quoted(kSupervisorName)),
        supervisor_.kind() == ContainerKind::kInit ? "spec.initContainers" : "spec.containers",
        problems);
  const Wrapping& wrapping = *context.wrapping;
  const std::string name = fmt::format("container {}", quoted(wrapping.container().name));
  if (wrapping.state() != Wrapping::State::kChanged) {
    return add_gap(fmt::format("{} as the supervisor", name), field_path(wrapping.container()),
                   problems);
  }
  problems.push_back(
      {fmt::format("{} is the supervisor by the annotation {}, and is not as cvm-webhook makes it "
                   "({}); remove the annotation where you wrote it, or look for another admission "
                   "webhook that edits pods after cvm-webhook",
                   name, kSupervisorAnnotation, wrapping.change()),
       field_path(wrapping.container())});
}

void PlanTemplate::describe_gaps(const PodContext& context, bool blocked_only,
                                 Problems& problems) const {
  if (mode_ == Mode::kNative) {
    if (!blocked_only) describe_native_gaps(context, problems);
    return;
  }
  const auto wanted = [blocked_only](Part part) {
    return part == Part::kNameTaken || (part == Part::kAbsent && !blocked_only);
  };
  const auto add = [&problems](std::string part, std::string_view field) {
    add_gap(std::move(part), field, problems);
  };
  if (!blocked_only && context.pod.runtime_class_name != runtime_class_name_) {
    add(fmt::format("runtimeClassName {}", quoted(runtime_class_name_)), "spec.runtimeClassName");
  }
  const Part gpu_selector =
      selects_gpu_nodes(context) ? gpu_selector_part(context.pod) : Part::kPresent;
  if (gpu_selector == Part::kNameTaken) {
    problems.push_back(
        {fmt::format("the pod requests a GPU and its nodeSelector asks for nodes with the label {} "
                     "other than \"true\", which cannot host it; remove that label",
                     kCvmGpuNodeLabel),
         "spec.nodeSelector"});
  } else if (wanted(gpu_selector)) {
    add(fmt::format("nodeSelector \"{}: true\"", kCvmGpuNodeLabel), "spec.nodeSelector");
  }
  if (wanted(supervisor_part(context))) describe_supervisor_gap(context, problems);
  for (const PlanVolume& planned : volumes_) {
    if (has_volume(planned, context) && wanted(volume_part(planned, context.pod))) {
      add("volume " + quoted(planned.name), "spec.volumes");
    }
  }
  if (blocked_only) return;
  describe_annotation_gaps(context, problems);
}

}  // namespace cvm
