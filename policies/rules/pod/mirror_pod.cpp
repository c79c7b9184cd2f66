// Refuses pods that claim to be the mirror of a static pod: such a pod is bound without the
// scheduler and gets no service account, and only a kubelet has a reason to make one.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_mirror_pod(const PodContext& context, Problems& problems) {
  if (!context.pod.annotations.find(kMirrorAnnotation)) return;
  problems.push_back({fmt::format("annotation {} is a kubelet's, for its static pods; remove it",
                                  quoted(kMirrorAnnotation)),
                      fmt::format("metadata.annotations[{}]", kMirrorAnnotation)});
}

}  // namespace

constinit const PodRule rules::mirror_pod{
    .descriptor =
        {.id = "mirror-pod",
         .summary = "A pod claims to be a kubelet's static pod",
         .calls = kPodRuleCalls.with(RuleCall::kBinding),
         .explanation =
             {.checks = "The annotation kubernetes.io/config.mirror on a pod that no kubelet "
                        "(group system:nodes) makes.",
              .why = "Such a pod is bound without the scheduler and gets no service account; only "
                     "a kubelet has a reason to make one.",
              .fix = "Remove the annotation.",
              .fields = {"metadata.annotations[kubernetes.io/config.mirror]",
                         "Binding metadata.annotations[kubernetes.io/config.mirror]",
                         "AdmissionReview request.userInfo.groups"},
              .sources = {"https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/"}}},
    .check = check_mirror_pod,
    .scope = Scope::kPod,
};

}  // namespace cvm
