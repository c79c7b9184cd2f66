#include "policies/model/container_comparison.hpp"

#include <algorithm>

#include "policies/model/quantity.hpp"

namespace cvm {

namespace {

bool same(const EnvVar& left, const EnvVar& right) {
  const auto same_ref = [&] {
    return left.resource_field_ref.has_value() == right.resource_field_ref.has_value() &&
           (!left.resource_field_ref ||
            (left.resource_field_ref->container_name == right.resource_field_ref->container_name &&
             left.resource_field_ref->resource == right.resource_field_ref->resource));
  };
  return left.name == right.name && left.value == right.value &&
         left.has_value_from == right.has_value_from && same_ref();
}

bool same(const VolumeMount& left, const VolumeMount& right) {
  return left.name == right.name && left.mount_path == right.mount_path &&
         left.sub_path == right.sub_path && left.sub_path_expr == right.sub_path_expr &&
         left.mount_propagation == right.mount_propagation &&
         left.recursive_read_only == right.recursive_read_only && left.read_only == right.read_only;
}

bool same_amounts(const KeyValues& left, const KeyValues& right) {
  return left.size() == right.size() &&
         std::all_of(left.begin(), left.end(), [&right](const KeyValue& amount) {
           const auto other = right.find(amount.key);
           return other && same_quantity(amount.value, *other);
         });
}

template <typename List>
bool same_list(const List& left, const List& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& one, const auto& other) { return same(one, other); });
}

bool same_names(std::pmr::vector<std::string_view> left, std::pmr::vector<std::string_view> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

bool same(const SecurityContext& left, const SecurityContext& right) {
  return left.privileged == right.privileged && left.run_as_user == right.run_as_user &&
         left.run_as_group == right.run_as_group && left.run_as_non_root == right.run_as_non_root &&
         left.allow_privilege_escalation == right.allow_privilege_escalation &&
         left.proc_mount == right.proc_mount &&
         same_names(left.added_capabilities, right.added_capabilities) &&
         same_names(left.dropped_capabilities, right.dropped_capabilities) &&
         same_names(left.other_fields, right.other_fields);
}

}  // namespace

bool same_container(const Container& left, const Container& right, Resources resources) {
  return left.kind == right.kind && left.name == right.name && left.image == right.image &&
         left.image_pull_policy == right.image_pull_policy &&
         left.working_dir == right.working_dir && left.restart_policy == right.restart_policy &&
         left.target_container_name == right.target_container_name &&
         left.termination_message_path == right.termination_message_path &&
         left.command == right.command && left.args == right.args &&
         same_list(left.env, right.env) &&
         (resources == Resources::kAny || (same_amounts(left.requests, right.requests) &&
                                           same_amounts(left.limits, right.limits))) &&
         same_list(left.volume_mounts, right.volume_mounts) &&
         same(left.security_context, right.security_context) &&
         same_names(left.other_fields, right.other_fields);
}

bool same_volume(const Volume& left, const Volume& right) {
  return left.name == right.name && left.source == right.source &&
         left.host_path == right.host_path && left.host_path_type == right.host_path_type &&
         left.claim_name == right.claim_name && left.csi_driver == right.csi_driver;
}

}  // namespace cvm
