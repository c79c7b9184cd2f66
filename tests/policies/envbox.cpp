#include "tests/policies/envbox.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace cvm::testing {

namespace {

using nlohmann::json;

// What the kubelet makes of a value without references: each $$ is one $.
std::string halving_dollars(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    result += text[at];
    if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '$') ++at;
  }
  return result;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string value_of(const json& container, const std::string& name) {
  std::string value;
  for (const json& variable : container.value("env", json::array())) {
    if (variable.at("name") == name) value = halving_dollars(variable.value("value", ""));
  }
  return value;
}

bool is_home(const std::string& path) {
  return path == "/root" || (path.starts_with("/home/") && path.find('/', 6) == std::string::npos);
}

void read_environment(const json& container, InnerContainer& inner) {
  const json variables = container.value("env", json::array());
  for (const json& variable : variables) {
    const std::string name = variable.at("name");
    if (name == "CODER_AGENT_TOKEN" || name == "CODER_AGENT_SUBSYSTEM") {
      inner.variables[name] = variable;
    }
  }
  for (const std::string& filter : split(value_of(container, "CODER_INNER_ENVS"), ',')) {
    const bool is_prefix = filter.ends_with('*');
    const std::string wanted = is_prefix ? filter.substr(0, filter.size() - 1) : filter;
    for (const json& variable : variables) {
      const std::string name = variable.at("name");
      if (is_prefix ? name.starts_with(wanted) : name == wanted) inner.variables[name] = variable;
    }
    for (const json& source : container.value("envFrom", json::array())) {
      if (is_prefix && source.value("prefix", "").starts_with(wanted)) {
        inner.prefixes.push_back(source.value("prefix", ""));
      }
    }
  }
}

void read_mounts(const json& container, InnerContainer& inner) {
  std::vector<std::array<std::string, 3>> wanted = {
      {"/var/lib/coder/docker", "/var/lib/docker", ""},
      {"/var/lib/coder/containers", "/var/lib/containers", ""}};
  for (const std::string& mount : split(value_of(container, "CODER_MOUNTS"), ',')) {
    const auto parts = split(mount, ':');
    if (parts.size() < 2 || parts.size() > 3) throw std::runtime_error("malformed mounts value");
    wanted.push_back({parts[0], parts[1], parts.size() == 3 ? parts[2] : ""});
  }
  for (const auto& [source, target, option] : wanted) {
    bool is_there = false;
    for (const json& mount : container.value("volumeMounts", json::array())) {
      if (mount.at("mountPath") != source) continue;
      is_there = true;
      const std::string volume = mount.at("name");
      if (volume.starts_with("cvm-")) continue;
      inner.mounts.push_back({volume, mount.value("subPath", ""), mount.value("subPathExpr", ""),
                              target, option == "ro", is_home(source)});
    }
    if (!is_there) throw std::runtime_error("no such directory: " + source);
  }
}

}  // namespace

InnerContainer run_envbox(const json& container) {
  if (container.at("command") != json({"/envbox", "docker"}) ||
      !container.at("securityContext").value("privileged", false)) {
    throw std::runtime_error("this is no supervisor");
  }
  InnerContainer inner;
  inner.image = value_of(container, "CODER_INNER_IMAGE");
  inner.user = value_of(container, "CODER_INNER_USERNAME");
  if (inner.image.empty() || inner.user.empty()) throw std::runtime_error("no image or user");
  inner.hostname = value_of(container, "CODER_INNER_HOSTNAME");
  inner.working_dir = value_of(container, "CODER_INNER_WORK_DIR");
  inner.script = value_of(container, "CODER_BOOTSTRAP_SCRIPT");
  if (value_of(container, "CODER_ADD_GPU") == "true" &&
      value_of(container, "CODER_USR_LIB_DIR").empty()) {
    throw std::runtime_error("when using GPUs, CODER_USR_LIB_DIR must be specified");
  }
  read_environment(container, inner);
  read_mounts(container, inner);
  return inner;
}

}  // namespace cvm::testing
