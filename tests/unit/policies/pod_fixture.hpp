// A pod made by hand, for tests of the policies that need no decoder.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "policies/engine.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/scratch.hpp"

namespace cvm::testing {

// CREATE of a pod "alice-dev" with one container "dev". Views point at literals.
struct PodFixture {
  std::pmr::monotonic_buffer_resource arena;
  PodView pod{&arena};
  AdmissionRequest request{&arena};

  PodFixture() {
    pod.name = "alice-dev";
    add_container(pod.containers, ContainerKind::kRegular, "dev").image = "ubuntu:22.04";
    request.kind = {"", "v1", "Pod"};
    request.resource = {"", "v1", "pods"};
    request.namespace_ = "workspaces";
    request.name = pod.name;
    request.pod = &pod;
  }
  PodFixture(const PodFixture&) = delete;
  PodFixture& operator=(const PodFixture&) = delete;

  Container& add_container(std::pmr::vector<Container>& list, ContainerKind kind,
                           std::string_view name) {
    Container& container = list.emplace_back(&arena);
    container.kind = kind;
    container.index = list.size() - 1;
    container.name = name;
    return container;
  }

  Container& dev() { return pod.containers.front(); }

  Verdict mutate(const Settings& settings = {}) {
    Scratch scratch;
    Verdict verdict;
    cvm::mutate(request, make_snapshot(settings), scratch, verdict);
    return verdict;
  }

  Verdict validate(const Settings& settings = {}) {
    Scratch scratch;
    Verdict verdict;
    cvm::validate(request, make_snapshot(settings), scratch, verdict);
    return verdict;
  }
};

// The ids of the findings, in their order.
inline std::vector<std::string_view> rules_of(const Verdict& verdict) {
  std::vector<std::string_view> rules;
  for (const Finding& finding : verdict.findings) rules.push_back(finding.rule);
  return rules;
}

}  // namespace cvm::testing
