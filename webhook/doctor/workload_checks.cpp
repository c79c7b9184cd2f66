// Storage that CVMs of mode native cannot use, and pods that should be CVMs and are not.
//
// Reads StorageClasses, PersistentVolumes, Pods and Namespaces.

#include <fmt/format.h>

#include <map>

#include "policies/compatibility/id_mapping.hpp"
#include "policies/model/workspace.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

bool has_native(const CheckInput& input) {
  for (const NamedSettings& named : all_settings(input)) {
    if (named.settings->mode == Mode::kNative) return true;
  }
  return false;
}

constexpr const char* kExplain = "cvm-webhook rules explain volume-id-mapping";

bool should_be_cvm(const PlainPod& pod, const NamespaceFacts& ns,
                   const ProfiledSettings& settings) {
  KeyValues labels;
  std::string_view profile;
  for (const auto& [key, value] : pod.labels) {
    labels.push_back({key, value});
    if (key == kProfileLabel) profile = value;
  }
  return settings.workspace_selector.matches(labels) &&
         wants_cvm(labels, settings_for(settings, ns.label(kProfileLabel), profile));
}

}  // namespace

void check_storage_classes(const CheckInput& input, Findings& out) {
  if (!has_native(input)) {
    out.pass("mode supervised maps no volumes");
    return;
  }
  if (skip_unknown(input, ObjectKind::kStorageClass, out)) return;
  std::vector<std::string> unfit;
  for (const auto& [name, provisioner] : input.facts.storage_classes) {
    const std::string_view file_system = unmappable_driver(provisioner);
    if (!file_system.empty()) unfit.push_back(fmt::format("{} ({})", name, file_system));
  }
  if (!unfit.empty()) {
    out.warn(fmt::format("CVMs of mode native cannot use the volumes of storage classes, as their "
                         "mounts cannot be ID-mapped: {}",
                         some_of(unfit)),
             kExplain);
  }
  if (input.facts.unmappable_volumes > 0) {
    out.warn(fmt::format("CVMs of mode native cannot use {} on NFS or another file system whose "
                         "mounts cannot be ID-mapped",
                         count_of(input.facts.unmappable_volumes, "PersistentVolume")),
             kExplain);
  }
  out.pass_if_silent("volumes of every storage class can be ID-mapped");
}

void check_plain_pods(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kPod, out)) return;
  if (skip_unknown(input, ObjectKind::kNamespace, out)) return;
  if (!input.settings.settings.enabled) {
    out.pass("CVMs are disabled by the settings");
    return;
  }
  std::map<std::string_view, const NamespaceFacts*> namespaces;
  for (const NamespaceFacts& ns : input.facts.namespaces) {
    if (ns.takes_part()) namespaces.emplace(ns.name, &ns);
  }
  std::vector<std::string> names;
  std::string fix;
  for (const PlainPod& pod : input.facts.plain_pods) {
    const auto ns = namespaces.find(pod.name.first);
    if (ns == namespaces.end()) continue;
    if (!should_be_cvm(pod, *ns->second, input.settings.settings)) continue;
    names.push_back(fmt::format("{}/{}", pod.name.first, pod.name.second));
    if (fix.empty())
      fix = fmt::format("kubectl -n {} delete pod {}", pod.name.first, pod.name.second);
  }
  if (names.empty()) {
    out.pass(fmt::format("every pod that should be a CVM is one: {}",
                         count_of(input.facts.cvms, "CVM")));
  } else {
    out.warn(fmt::format("{}, as if made before the webhook was there: {}",
                         count_of(names.size(), "pod should be a CVM and is not",
                                  "pods should be CVMs and are not"),
                         some_of(names)),
             fix);
  }
}

}  // namespace cvm::webhook
