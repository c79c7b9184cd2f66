// PlanTemplate in mode native: no supervisor and no volumes.
#include <fmt/format.h>

#include "policies/model/text.hpp"
#include "policies/mutations/node_affinity.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/plan_parts.hpp"
#include "policies/mutations/user_namespace.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

void PlanTemplate::render_native(const PodContext& context, const Separation& apart,
                                 PatchWriter& patch) const {
  if (context.pod.runtime_class_name != runtime_class_name_) {
    patch.append(runtime_class_operation_);
  }
  // A pod that names its node passes the scheduler by, and would be refused there.
  const bool is_marked = context.pod.node_selector.find(kCvmNodeLabel).has_value();
  if (marks_nodes_ && context.pod.node_name.empty() && !is_marked) {
    append_node_selector(context.pod, kCvmNodeLabel, patch);
  }
  if (apart.kind == Separation::Kind::kByLabel || apart.kind == Separation::Kind::kByName) {
    append_node_affinity(context.pod, apart, patch);
  }
  append_annotations(context, patch);
  append_user_namespace(context.pod, context.user_namespace.need, patch);
}

void PlanTemplate::describe_native_gaps(const PodContext& context, Problems& problems) const {
  const auto add = [&problems](std::string part, std::string_view field, std::string_view more) {
    problems.push_back(
        {fmt::format("{} that makes this pod a CVM is missing or was changed; look for another "
                     "admission webhook that edits pods after cvm-webhook{}",
                     std::move(part), more),
         std::string(field)});
  };
  if (context.pod.runtime_class_name != runtime_class_name_) {
    add(fmt::format("runtimeClassName {}", quoted(runtime_class_name_)), "spec.runtimeClassName",
        "");
  }
  const UserNamespaceChoice& choice = context.user_namespace;
  const auto found = user_namespace_of(context.pod);
  const bool fits =
      found && (*found == UserNamespaceNeed::kHostUsers ? choice.host_users : choice.annotation);
  if (!fits && choice.need == UserNamespaceNeed::kHostUsers) {
    add(fmt::format("\"hostUsers: false\" without the annotation {}", kUsernsModeAnnotation),
        "spec.hostUsers",
        ", or, before Kubernetes 1.33, switch the feature gate UserNamespacesSupport on");
  } else if (!fits) {
    add(fmt::format("annotation \"{}: {}\" without hostUsers: false", kUsernsModeAnnotation,
                    kUsernsMode),
        fmt::format("metadata.annotations[{}]", kUsernsModeAnnotation), "");
  }
  describe_annotation_gaps(context, problems);
}

}  // namespace cvm
