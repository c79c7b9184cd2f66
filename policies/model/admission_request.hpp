// AdmissionRequest: what the API server asks, as rules see it (admission.k8s.io/v1).
//
// Views point into the decoded review and live as long as it does.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "policies/model/selectors.hpp"

namespace cvm {

struct PodView;

enum class Operation { kCreate, kUpdate, kDelete, kConnect };

struct GroupVersionKind {
  std::string_view group, version, kind;
};

struct GroupVersionResource {
  std::string_view group, version, resource;
};

struct UserInfo {
  std::string_view username;
  std::pmr::vector<std::string_view> groups;

  explicit UserInfo(Arena* arena) : groups(arena) {}
};

struct AdmissionRequest {
  std::string_view api_version;  // of the review: "admission.k8s.io/v1" or ".../v1beta1"; echoed
  std::string_view uid;          // echoed
  GroupVersionKind kind;
  GroupVersionResource resource;
  std::string_view subresource;  // empty, "exec", "ephemeralcontainers"...
  std::string_view name;
  std::string_view namespace_;
  Operation operation = Operation::kCreate;
  bool dry_run = false;
  UserInfo user;

  // Set when kind is v1 Pod and the object is there; nullptr otherwise.
  const PodView* pod = nullptr;
  const PodView* old_pod = nullptr;

  // Set when the object is a Deployment, Job or another that pods are made by: its pod template. A
  // PodView without name and namespace.
  const PodView* pod_template = nullptr;
  const PodView* old_pod_template = nullptr;
  std::string_view template_path;  // "spec.template"; static storage

  // Set when kind is v1 Namespace.
  const KeyValues* namespace_labels = nullptr;
  const KeyValues* old_namespace_labels = nullptr;

  // CONNECT pods/exec and pods/attach: the container that the call names; may be empty.
  std::string_view connect_container;
  // CREATE pods/binding: the node that the pod is to run on.
  std::string_view binding_node;
  std::string_view binding_uid;  // of the pod that is meant; may be empty
  // What the API server copies to the pod; null when there is no binding.
  const KeyValues* binding_labels = nullptr;
  const KeyValues* binding_annotations = nullptr;

  explicit AdmissionRequest(Arena* arena) : user(arena) {}
};

}  // namespace cvm
