// PlanTemplate in mode native: no supervisor and no volumes.
#include "policies/mutations/json_text.hpp"
#include "policies/mutations/node_affinity.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/user_namespace.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

namespace {

void append_node_selector(const PodView& pod, std::string& patch) {
  if (pod.node_selector.find(kCvmNodeLabel)) return;
  if (patch.back() != '[') patch += ',';
  // An empty selector is as good as none.
  if (pod.node_selector.empty()) {
    patch += R"({"op":"add","path":"/spec/nodeSelector","value":{)";
    append_json_string(patch, kCvmNodeLabel);
    patch += R"(:"true"}})";
    return;
  }
  patch += R"({"op":"add","path":"/spec/nodeSelector/)";
  append_pointer_token(patch, kCvmNodeLabel);
  patch += R"(","value":"true"})";
}

}  // namespace

void PlanTemplate::render_native(const PodContext& context, const Separation& apart,
                                 std::string& patch) const {
  const std::size_t start = patch.size();
  patch += '[';
  if (context.pod.runtime_class_name != runtime_class_name_) patch += runtime_class_operation_;
  // A pod that names its node passes the scheduler by, and would be refused there.
  if (marks_nodes_ && context.pod.node_name.empty()) append_node_selector(context.pod, patch);
  if (apart.kind == Separation::Kind::kByLabel || apart.kind == Separation::Kind::kByName) {
    append_node_affinity(context.pod, apart, patch);
  }
  append_annotations(context, patch);
  append_user_namespace(context.pod, context.user_namespace.need, patch);
  if (patch.size() == start + 1) {
    patch.resize(start);
  } else {
    patch += ']';
  }
}

void PlanTemplate::describe_native_gaps(const PodContext& context, Problems& problems) const {
  const auto add = [&problems](std::string part, std::string_view field, std::string_view more) {
    problems.push_back({std::move(part) +
                            " that makes this pod a CVM is missing or was changed; look for "
                            "another admission webhook that edits pods after cvm-webhook" +
                            std::string(more),
                        std::string(field)});
  };
  if (context.pod.runtime_class_name != runtime_class_name_) {
    add("runtimeClassName \"" + runtime_class_name_ + "\"", "spec.runtimeClassName", "");
  }
  const UserNamespaceChoice& choice = context.user_namespace;
  const auto found = user_namespace_of(context.pod);
  const bool fits =
      found && (*found == UserNamespaceNeed::kHostUsers ? choice.host_users : choice.annotation);
  if (!fits && choice.need == UserNamespaceNeed::kHostUsers) {
    add("\"hostUsers: false\" without the annotation " + std::string(kUsernsModeAnnotation),
        "spec.hostUsers",
        ", or, before Kubernetes 1.33, switch the feature gate UserNamespacesSupport on");
  } else if (!fits) {
    add("annotation \"" + std::string(kUsernsModeAnnotation) + ": " + std::string(kUsernsMode) +
            "\" without hostUsers: false",
        "metadata.annotations[" + std::string(kUsernsModeAnnotation) + "]", "");
  }
  const AnnotationText text = annotation_of(context);
  if (context.pod.annotations.find(kPlanAnnotation) != std::string_view(text.data(), text.size())) {
    add("annotation \"" + std::string(kPlanAnnotation) + "\"", "metadata.annotations", "");
  }
}

}  // namespace cvm
