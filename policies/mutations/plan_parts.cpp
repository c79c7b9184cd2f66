#include "policies/mutations/plan_parts.hpp"

#include <fmt/format.h>

#include <utility>

#include "policies/model/pod_view.hpp"
#include "policies/mutations/patch_writer.hpp"

namespace cvm {

// An empty selector is as good as none.
void append_node_selector(const PodView& pod, std::string_view label, PatchWriter& patch) {
  patch.map("/spec/nodeSelector", !pod.node_selector.empty()).set(label, "true");
}

void add_gap(std::string part, std::string_view field, Problems& problems) {
  problems.push_back({fmt::format("{} that makes this pod a CVM is missing or was changed; look "
                                  "for another admission webhook that edits pods after cvm-webhook",
                                  std::move(part)),
                      std::string(field)});
}

}  // namespace cvm
