// Wrapping: placement `wrap` for one pod. The workspace container stays where it is in the pod,
// with its name, resources, ports and environment, and becomes the supervisor: envbox starts what
// it was as the inner container.
//
// A wrapped container can be told from its form alone: whatever a user writes in that form is what
// they would have got for some plain container. So nothing is kept aside, and the validating call
// checks the form: what says who runs as what inside is free, what reaches into the supervisor (its
// image and command, mounts, which variables and volumes are passed on, probes) is worked out anew.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "policies/mutations/supervisor_variables.hpp"
#include "policies/mutations/supervisor_volumes.hpp"
#include "policies/mutations/wrap/lifecycle_actions.hpp"
#include "policies/rule.hpp"

namespace cvm {

// What the settings say of every wrapped container.
class WrapTemplate {
 public:
  WrapTemplate(const Settings& settings, const std::vector<HostPathPart>& host_paths);

  const SupervisorVolumes& volumes() const { return volumes_; }
  const std::string& inner_address() const { return inner_address_; }
  // All of it, for the plan's hash.
  std::string settings_text() const;

 private:
  friend class Wrapping;

  std::string image_, image_pull_policy_;
  std::vector<std::string> command_;
  SupervisorVariables variables_;
  SupervisorVolumes volumes_;
  std::string inner_address_;
  std::string command_json_;
  double memory_reserve_;  // bytes
};

class Wrapping {
 public:
  enum class State {
    kPlain,    // not wrapped yet
    kStale,    // wrapped; since then something was added that the inner container is to get
    kWhole,    // wrapped, and all is as it should be
    kChanged,  // wrapped, and changed since into what no wrapped container is
  };

  // `context.workspace` is the container in the pod. All must outlive this.
  Wrapping(const WrapTemplate& plan, const PodContext& context);
  Wrapping(const Wrapping&) = delete;
  Wrapping& operator=(const Wrapping&) = delete;

  State state() const { return state_; }
  const Container& container() const { return container_; }
  // What is not as it should be in state kChanged: "variable \"LD_PRELOAD\"".
  const std::string& change() const { return change_; }

  // Appends the operations that wrap the container, or that add what is missing.
  void append_operations(PatchWriter& patch) const;

  // Goes on hashing what the supervisor is told of the pod.
  std::uint64_t hash(std::uint64_t state) const;

  // More than anybody writes: it would take long to work out, and envbox could not be told it.
  bool is_too_large() const { return is_too_large_; }
  bool is_set_by_settings(std::string_view name) const {
    return plan_.variables_.is_set_by_settings(name);
  }
  const InnerTarget& inner_target() const { return inner_; }

  // The positions of the variables that the bootstrap script exports, ascending.
  const std::pmr::vector<std::size_t>& exported() const { return exported_; }
  // With each $ doubled, as it is to stand in the pod.
  std::string_view script() const { return script_; }

 private:
  // An entry of a list that envbox reads, as it stands in the pod. Others may have added what it is
  // about after the list was made, where the settings know them.
  struct Entry {
    std::pmr::string text;
    bool may_be_missing = false;
  };

  bool exceeds_limits(const PodView& pod) const;
  void describe_plain(const PodContext& context);
  void describe_wrapped();
  void find_limits();
  void find_exported();
  void list_environment(const PodContext& context);
  void list_mounts(const PodContext& context);
  void add_variables(const PodContext& context);
  const EnvVar* find_variable(std::string_view name) const;
  bool is_planned(std::string_view name) const;

  State check(const PodContext& context);
  std::string find_change(const PodContext& context) const;
  std::string find_changed_field() const;
  std::string find_changed_variable() const;
  std::string find_changed_mount(const PodContext& context) const;
  std::string find_changed_action() const;
  bool is_stale(const PodContext& context) const;
  static bool has_entries(std::string_view list, const std::pmr::vector<Entry>& entries);
  std::pmr::string join(const std::pmr::vector<Entry>& entries);

  void append_fields(PatchWriter& patch) const;
  void append_environment(PatchWriter& patch) const;
  void append_mounts(PatchWriter& patch) const;
  void append_lifecycle_actions(PatchWriter& patch) const;
  JsonPointer pointer() const;  // /spec/containers/0

  const WrapTemplate& plan_;
  const Container& container_;
  bool is_wrapped_;
  bool is_too_large_ = false;

  // What most workspaces need; others take more from the heap. Of the members below.
  static constexpr std::size_t kUsualBytes = 6 * 1024;
  std::array<std::byte, kUsualBytes> memory_;
  std::pmr::monotonic_buffer_resource arena_{memory_.data(), memory_.size()};
  // As they stand, or are to stand, in env.
  std::pmr::string image_{&arena_}, user_{&arena_}, work_dir_{&arena_}, script_{&arena_};
  std::pmr::string cpus_{&arena_}, memory_limit_{&arena_};  // digits; empty: no variable
  std::pmr::vector<std::size_t> exported_{&arena_};
  std::pmr::vector<Entry> environment_{&arena_}, mounts_{&arena_};
  std::pmr::string environment_text_{&arena_}, mounts_text_{&arena_};
  std::pmr::vector<SupervisorVariable> variables_{&arena_};  // views of the members above
  std::pmr::vector<OwnMount> own_mounts_{&arena_};
  InnerTarget inner_;
  State state_ = State::kPlain;
  std::string change_;
};

// Whether the pod's workspace container will be wrapped, and is not yet.
inline bool is_to_be_wrapped(const PodContext& context) {
  return context.wrapping != nullptr && context.wrapping->state() == Wrapping::State::kPlain;
}

}  // namespace cvm
