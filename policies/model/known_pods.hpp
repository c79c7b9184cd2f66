// KnownPods: the cluster's CVMs, and all pods that no node was chosen for yet, by namespace and
// name.
//
// A copy shares with its original all that neither changes, so that the pods can be handed to
// other threads after every event: a change costs what one of the parts holds.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/namespaced_names.hpp"

namespace cvm {

struct PodView;

struct KnownPod {
  std::string uid;
  bool is_cvm = false;  // carries the annotation of a plan, or has a supervisor
  // The container that is the supervisor; empty where is_cvm is false or mode native made it.
  std::string supervisor;
  std::string profile;  // by which the CVM was made; empty: by the settings themselves
  // The pod's regular container where it has just one: where the API server connects to when a call
  // names none (kubernetes, pkg/registry/core/pod/strategy.go, validateContainer). Else empty.
  std::string only_container;
  // Names of the extended resources that its containers request, but for the supervisor's;
  // ascending. Which of them are GPUs is for the settings to say.
  std::vector<std::string> extended_resources;
  std::vector<std::string> claims;  // the PersistentVolumeClaims that its volumes name

  bool operator==(const KnownPod&) const = default;
};

// What of a pod that is there decisions depend on that do not carry it: extended resources and
// claims only until a node is chosen, and what only CVMs have of CVMs alone.
KnownPod known_pod(const PodView& pod, std::string_view uid);

class KnownPods {
 public:
  // Null when there is none of that name.
  const KnownPod* find(std::string_view ns, std::string_view name) const;
  std::size_t size() const;
  bool has_cvm_in(std::string_view ns) const;

  // Each returns whether anything changed.
  bool put(std::string_view ns, std::string_view name, KnownPod pod);
  bool erase(std::string_view ns, std::string_view name);

 private:
  using Part = std::map<NamespacedName, KnownPod, NamespacedNameLess>;

  static constexpr std::size_t kParts = 256;
  static std::size_t part_of(std::string_view ns, std::string_view name);

  std::array<std::shared_ptr<const Part>, kParts> parts_;  // null: empty
};

}  // namespace cvm
