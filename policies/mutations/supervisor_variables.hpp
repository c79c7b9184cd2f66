// The CODER_* variables by which envbox, the supervisor's program, is told what to run
// (https://github.com/coder/envbox, README and cli/docker.go).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/gpu_requests.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// Where the node's NVIDIA libraries are in a wrapped supervisor: anywhere that hides none of its
// own (envbox, README, "GPUs").
inline constexpr std::string_view kUsrLibMountPath = "/var/coder/usr/lib";

// One variable of the supervisor. Views: into the pod, the settings or static storage.
struct SupervisorVariable {
  enum class Source {
    kText,      // `value` as it stands in the pod's spec
    kPodText,   // `value` as envbox is to read it: its $ are doubled, lest kubelet expands it
    kResource,  // resourceFieldRef: `value` is the container's name, `key` the resource
    kField,     // fieldRef: `value` is the path of the field
    kSecret,    // secretKeyRef, optional: `value` is the Secret's name, `key` the key
  };

  std::string_view name;
  std::string_view value;
  Source source = Source::kText;
  std::string_view key = {};
};

// Appends the variable as an element of a container's env, as JSON.
void append_variable(std::string& out, const SupervisorVariable& variable);

// Whether `found` is what append_variable() writes, with the API server's defaults.
bool is_variable(const EnvVar& found, const SupervisorVariable& variable);

std::uint64_t hash_variable(const SupervisorVariable& variable, std::uint64_t state);

// Calls piece(text) for the pieces of `text` with each $ doubled.
template <typename Piece>
void double_dollars(std::string_view text, Piece&& piece) {
  for (std::size_t dollar = text.find('$'); dollar != std::string_view::npos;
       dollar = text.find('$')) {
    piece(text.substr(0, dollar));
    piece(std::string_view("$$"));
    text.remove_prefix(dollar + 1);
  }
  piece(text);
}

// Appends `text` to a string with each $ doubled, not escaped for JSON.
template <typename String>
void append_doubling_dollars(String& out, std::string_view text) {
  double_dollars(text, [&out](std::string_view piece) { out += piece; });
}

// The hostname inside: the pod's own; empty where its name is yet to be generated, since it is
// there in the validating call and not in the mutating one.
std::string_view inner_hostname(const PodView& pod);

// What the settings alone say, in the order in which envbox gets it.
class SupervisorVariables {
 public:
  explicit SupervisorVariables(const Settings& settings);

  // True where supervisor.env sets the name: a name given twice would make the API server warn the
  // developer at every creation.
  bool is_set_by_settings(std::string_view name) const;

  std::optional<std::string> value_set_by_settings(std::string_view name) const;

  // Calls give(SupervisorVariable) for the inner container's devices and network, then for
  // supervisor.env. `usr_lib_dir`: where the supervisor has the NVIDIA libraries; empty: nowhere.
  template <typename Give>
  void for_each(const GpuRequests& gpus, std::string_view usr_lib_dir, Give&& give) const {
    const auto give_own = [&](const SupervisorVariable& variable) {
      if (!is_set_by_settings(variable.name)) give(variable);
    };
    if (tun_) give_own({"CODER_ADD_TUN", "true"});
    if (fuse_) give_own({"CODER_ADD_FUSE", "true"});
    give_own({"CODER_DOCKER_BRIDGE_CIDR", network_cidr_});
    if (gpus.nvidia) {
      give_own({"CODER_ADD_GPU", "true"});
      if (!usr_lib_dir.empty()) give_own({"CODER_USR_LIB_DIR", usr_lib_dir});
    }
    for (const EnvSetting& setting : env_) give({setting.name, setting.value});
  }

 private:
  bool tun_, fuse_;
  std::string network_cidr_;
  std::vector<EnvSetting> env_;
};

}  // namespace cvm
