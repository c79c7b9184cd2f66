#include "policies/mutations/plan_parts.hpp"

#include <utility>

#include "policies/mutations/json_text.hpp"

namespace cvm {

void append_node_selector(const PodView& pod, std::string_view label, std::string& patch) {
  separate(patch);
  // An empty selector is as good as none.
  if (pod.node_selector.empty()) {
    patch += R"({"op":"add","path":"/spec/nodeSelector","value":{)";
    append_json_string(patch, label);
    patch += R"(:"true"}})";
    return;
  }
  patch += R"({"op":"add","path":"/spec/nodeSelector/)";
  append_pointer_token(patch, label);
  patch += R"(","value":"true"})";
}

void add_gap(std::string part, std::string_view field, Problems& problems) {
  problems.push_back({std::move(part) + " that makes this pod a CVM is missing or was changed; "
                                        "look for another admission webhook that edits pods "
                                        "after cvm-webhook",
                      std::string(field)});
}

}  // namespace cvm
