// PlanTemplate: the annotations of a CVM.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/text.hpp"
#include "policies/model/text_hash.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/plan_parts.hpp"
#include "policies/mutations/profile_annotation.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

std::uint64_t PlanTemplate::hash_of(const PodContext& context) const {
  if (mode_ == Mode::kNative) return settings_hash_;
  return wrap_ ? context.wrapping->hash(settings_hash_)
               : supervisor_.hash_pod(context, settings_hash_);
}

PlanTemplate::AnnotationText PlanTemplate::annotation_of(const PodContext& context) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  AnnotationText text;
  auto end = std::copy(kPlanVersion.begin(), kPlanVersion.end(), text.begin());
  *end++ = ':';
  std::uint64_t hash = hash_of(context);
  if (selects_gpu_nodes(context)) hash = hash_text(kCvmGpuNodeLabel, hash);
  for (int shift = 60; shift >= 0; shift -= 4) *end++ = kDigits[hash >> shift & 15U];
  return text;
}

template <typename Visit>
void PlanTemplate::for_each_annotation(const PodContext& context, Visit&& visit) const {
  if (wrap_) visit(Annotation{kSupervisorAnnotation, context.wrapping->container().name});
  const AnnotationText text = annotation_of(context);
  visit(Annotation{kPlanAnnotation, std::string_view(text.data(), text.size())});
}

void PlanTemplate::append_annotations(const PodContext& context, PatchWriter& patch) const {
  PatchWriter::Map annotations = patch.map("/metadata/annotations", context.pod.has_annotations);
  for_each_annotation(context, [&](const Annotation& annotation) {
    const auto found = context.pod.annotations.find(annotation.key);
    if (found != annotation.value) {
      annotations.set(annotation.key, annotation.value, found.has_value());
    }
  });
  append_profile_annotation(context.pod, profile_, patch);
}

void PlanTemplate::describe_annotation_gaps(const PodContext& context, Problems& problems) const {
  for_each_annotation(context, [&](const Annotation& annotation) {
    if (context.pod.annotations.find(annotation.key) != annotation.value) {
      add_gap(fmt::format("annotation {}", quoted(annotation.key)), "metadata.annotations",
              problems);
    }
  });
}

}  // namespace cvm
