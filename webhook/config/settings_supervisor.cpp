#include "webhook/config/settings_supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policies/model/quantity.hpp"
#include "webhook/config/settings_quantity.hpp"
#include "webhook/config/settings_syntax.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;

// Variables that have a key of their own; two places for one thing would contradict each other.
constexpr std::pair<std::string_view, std::string_view> kKeyOfVariable[] = {
    {"CODER_ADD_TUN", "supervisor.tun"},
    {"CODER_ADD_FUSE", "supervisor.fuse"},
    {"CODER_USR_LIB_DIR", "gpu.usrLibDir"},
    {"CODER_DOCKER_BRIDGE_CIDR", "network.cidr"},
};

bool is_image(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(),
                                       [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
}

void read_placement(Value value, Placement& placement) {
  value.read_choice(placement, {{"sidecar", Placement::kSidecar},
                                {"container", Placement::kContainer},
                                {"wrap", Placement::kWrap}});
}

void read_command(Value value, std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  value.read(words);
  value.describe({{"minItems", 1}});
  if (value.json().is_array() && words.empty()) {
    return value.add_mistake("expected a program and its arguments, found an empty list");
  }
  if (!words.empty()) command = std::move(words);
}

void read_quantity(Value value, std::string& out) {
  describe_quantity(value);
  // `cpu: 1` and `cpu: 0.5` are numbers in YAML.
  const std::string text =
      value.json().is_string() ? value.json().get<std::string>() : value.json().dump();
  const bool is_scalar = value.json().is_string() || value.json().is_number();
  const auto amount = is_scalar ? parse_quantity(text) : std::nullopt;
  if (!amount) {
    return value.add_mistake(fmt::format("expected a quantity such as 100m, 2 or 1Gi, found {}",
                                         value.describe_found()));
  }
  if (*amount < 0) {
    return value.add_mistake(
        fmt::format("expected a quantity of at least 0, found {}", value.describe_found()));
  }
  out = text;
}

void read_quantities(Value value, std::map<std::string, std::string>& out) {
  value.defaults_to(out);
  std::map<std::string, std::string> quantities;
  const auto read = [&](const std::string& resource, Value quantity) {
    if (!is_container_resource(resource)) {
      return quantity.add_key_mistake(
          "expected cpu, memory, ephemeral-storage, hugepages-<size> or <domain>/<resource>");
    }
    if (quantity.json().is_null() && !quantity.is_recording()) return;
    read_quantity(quantity, quantities[resource]);
    quantity.may_be_nothing();
  };
  value.read_entries(read, {.known = {"cpu", "memory", "ephemeral-storage"}});
  if (value.json().is_object()) out = std::move(quantities);
}

void read_resources(Value value, SupervisorSettings& supervisor) {
  value.read_fields({
      {"requests", "What it asks for.", [&](Value v) { read_quantities(v, supervisor.requests); }},
      {"limits", "What it gets at most.", [&](Value v) { read_quantities(v, supervisor.limits); }},
  });
  for (const auto& [resource, limit] : supervisor.limits) {
    const auto request = supervisor.requests.find(resource);
    if (request == supervisor.requests.end()) continue;
    const auto most = parse_quantity(limit), wanted = parse_quantity(request->second);
    if (most && wanted && *wanted > *most) {
      std::string message = "the request of ";
      message.append(request->second).append(" for ").append(resource);
      message.append(" is over the limit of ").append(limit);
      value.add_mistake(std::move(message));
    }
  }
}

void read_env_name(Value value, const std::vector<EnvSetting>& before, std::string& name) {
  std::string text;
  if (!value.read_checked(text, is_env_name, "the name of an environment variable")) return;
  for (const auto& [variable, key] : kKeyOfVariable) {
    if (text == variable) {
      return value.add_mistake(fmt::format("{} is set by the key {}, not here", text, key));
    }
  }
  const bool is_repeated = std::any_of(before.begin(), before.end(),
                                       [&](const EnvSetting& env) { return env.name == text; });
  if (is_repeated) return value.add_mistake(fmt::format("{} is given twice", text));
  name = std::move(text);
}

void read_env(Value value, std::vector<EnvSetting>& env) {
  value.defaults_to(nlohmann::ordered_json::array());
  value.read_elements([&](Value item) {
    EnvSetting setting;
    item.read_fields({
        {"name", [&](Value v) { read_env_name(v, env, setting.name); }},
        {"value", [&](Value v) { v.read(setting.value); }},
    });
    item.require("name", "expected a name, found none");
    env.push_back(std::move(setting));
  });
}

bool is_directory(std::string_view text) { return is_mount_path(text) && text != "/"; }

void read_host_path(Value value, HostPathSettings& host_path) {
  constexpr std::string_view kDirectory = "an absolute path below / without \"..\" or \":\"";
  value.read_fields({
      {"path", "On the node.",
       [&](Value v) { v.read_checked(host_path.path, is_directory, kDirectory); }},
      {"mountPath", "In the supervisor.",
       [&](Value v) { v.read_checked(host_path.mount_path, is_directory, kDirectory); }},
      {"type", "As a hostPath's.",
       [&](Value v) {
         v.read_word(host_path.type, {"Directory", "DirectoryOrCreate", "File", "FileOrCreate",
                                      "Socket", "CharDevice", "BlockDevice", ""});
       }},
  });
}

// What a supervisor writes to, or has of the kernel: nothing of the node's may stand there.
constexpr std::string_view kOwnDirectories[] = {"/dev",
                                                "/etc",
                                                "/proc",
                                                "/run",
                                                "/sys",
                                                "/tmp",
                                                "/var/lib/coder",
                                                "/var/lib/containers",
                                                "/var/lib/docker",
                                                "/var/lib/sysbox",
                                                "/var/run"};

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

// envbox is told these by cvm-webhook, which works them out of each pod.
constexpr std::string_view kOfWrappedPods[] = {"CODER_INNER_IMAGE", "CODER_INNER_ENVS",
                                               "CODER_MOUNTS", "CODER_BOOTSTRAP_SCRIPT"};

static void check_wrapped_env(const DocumentValue& value, const SupervisorSettings& supervisor) {
  if (supervisor.placement != Placement::kWrap) return;
  for (const EnvSetting& setting : supervisor.env) {
    for (std::string_view name : kOfWrappedPods) {
      if (setting.name != name) continue;
      value.add_mistake(fmt::format(
          "env sets {}, which placement wrap works out of each pod; leave it out", setting.name));
    }
  }
}

void read_supervisor(const DocumentValue& value, SupervisorSettings& supervisor) {
  value.read_fields({
      {"placement",
       {.text = "sidecar: a sidecar container (Kubernetes 1.29 and later); container: for clusters "
                "before that; wrap: in the workspace container's place, as envbox is run by hand.",
        .details =
            "A sidecar is the first of `initContainers` and always restarted; a container is "
            "appended to `containers`."},
       [&](Value v) { read_placement(v, supervisor.placement); }},
      {"image", "Pin this to the version that you tested, or better a digest: it runs privileged.",
       [&](Value v) { v.read_checked(supervisor.image, is_image, "the name of an image"); }},
      {"imagePullPolicy", "As a container's.",
       [&](Value v) {
         v.read_word(supervisor.image_pull_policy, {"Always", "IfNotPresent", "Never"});
       }},
      {"command", "Its program and arguments.",
       [&](Value v) { read_command(v, supervisor.command); }},
      {"resources", "As a container's.", [&](Value v) { read_resources(v, supervisor); }},
      {"env", "Further environment of the supervisor: a list of {name, value}.",
       [&](Value v) { read_env(v, supervisor.env); }},
      {"memoryReserve",
       {.text =
            "What the inner container does not get of the container's memory limit, so that the "
            "supervisor is not ended in its place.",
        .only_with = "supervisor.placement: wrap"},
       [&](Value v) {
         v.defaults_to(supervisor.memory_reserve);
         read_quantity(v, supervisor.memory_reserve);
       }},
      {"serviceAccountToken",
       "Let the API server put the pod's token into a supervisor beside the workspace.",
       [&](Value v) { v.read(supervisor.service_account_token); }},
      {"tun", "Give the workspace /dev/net/tun.", [&](Value v) { v.read(supervisor.tun); }},
      {"fuse", "Give the workspace /dev/fuse.", [&](Value v) { v.read(supervisor.fuse); }},
      {"imagesOnCacheVolume",
       "Let the volume that a pod names in `cvm-webhook.io/cache-volume` also hold the "
       "supervisor's own images. Who can mount it in another pod can change what the supervisor "
       "runs.",
       [&](Value v) { v.read(supervisor.images_on_cache_volume); }},
  });
  check_wrapped_env(value, supervisor);
}

void read_host_paths(const DocumentValue& value, HostPathTable& host_paths) {
  constexpr std::string_view kKeys[] = {"usrSrc", "libModules", "varRun", "varLib"};
  static_assert(std::size(kKeys) == kHostPathCount);
  value.defaults_to(nlohmann::ordered_json::object());
  const auto read_into = [&](HostPath host_path) {
    return [&host = host_paths[static_cast<std::size_t>(host_path)]](Value v) {
      read_host_path(v, host);
    };
  };
  value.read_fields({
      {"usrSrc", read_into(HostPath::kUsrSrc)},
      {"libModules", read_into(HostPath::kLibModules)},
      {"varRun", read_into(HostPath::kVarRun)},
      {"varLib", read_into(HostPath::kVarLib)},
  });

  for (std::size_t i = 0; i < kHostPathCount; ++i) {
    const std::string& path = host_paths[i].mount_path;
    for (std::size_t k = 0; k < i; ++k) {
      if (path == host_paths[k].mount_path) {
        value.add_mistake(
            fmt::format("{} and {} have the same mountPath, {}", kKeys[k], kKeys[i], path));
      }
    }
    for (std::string_view own : kOwnDirectories) {
      if (!is_at_or_below(path, own) && !is_at_or_below(own, path)) continue;
      value.add_mistake(fmt::format(
          "{} has the mountPath {}, where the supervisor has {} of its own; choose another, such "
          "as {}",
          kKeys[i], path, own, kDefaultHostPaths[i].mount_path));
      break;
    }
  }
}

void read_network_cidr(const DocumentValue& value, std::string& cidr) {
  std::string text = cidr;
  value.read(text);
  value.describe({{"pattern", "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/(8|9|[12][0-9]|30)$"}});
  if (!value.json().is_string()) return;
  if (const auto network = check_cvm_network(text); network) {
    cidr = *network;
  } else {
    value.add_mistake(network.error().message);
  }
}

}  // namespace cvm::webhook
