#include "tests/policies/generated_pods.hpp"

#include <algorithm>
#include <array>

namespace cvm::testing {

using nlohmann::json;

std::string PodGenerator::text() {
  static const std::array<std::string, 16> kPieces = {"a", "dev",     "-",  "/",  "\"", "\\",
                                                      "$", "$(HOME)", "~1", "\n", "\t", "\x01",
                                                      "ü", "日本",    "😀", " "};
  std::string text = "x";
  for (std::size_t count = choices_.below(6); count > 0; --count)
    text += kPieces[choices_.below(kPieces.size())];
  return text;
}

json PodGenerator::metadata() {
  json metadata = json::object();
  if (choices_.chance(0.2)) {
    metadata["generateName"] = text() + "-";
  } else {
    metadata["name"] = text();
  }
  if (choices_.chance(0.6)) {
    metadata["annotations"] = choices_.chance(0.1) ? json() : json::object();
    if (choices_.chance(0.5)) metadata["annotations"][text()] = text();
    if (choices_.chance(0.1)) metadata["annotations"]["cvm-webhook.io/plan"] = text();
    if (choices_.chance(0.2))
      metadata["annotations"]["kubectl.kubernetes.io/default-container"] = "c1";
  }
  if (choices_.chance(0.5)) metadata["labels"] = {{"app", text()}};
  if (choices_.chance(0.1))
    metadata["labels"]["cvm-webhook.io/cvm"] = choices_.chance(0.5) ? "true" : "false";
  return metadata;
}

json PodGenerator::container(const std::string& name) {
  json container = {{"name", name}, {"image", text()}};
  if (choices_.chance(0.3)) container["workingDir"] = "/" + text();
  if (choices_.chance(0.3)) container["env"] = {{{"name", "A"}, {"value", text()}}};
  if (choices_.chance(0.3))
    container["resources"] = {{"limits", {{"cpu", "2"}, {"memory", "4Gi"}}}};
  if (choices_.chance(0.1)) container["resources"]["limits"]["nvidia.com/gpu"] = "1";
  if (choices_.chance(0.3)) container["securityContext"] = {{"runAsUser", choices_.below(3000)}};
  if (choices_.chance(0.04)) container["securityContext"]["privileged"] = true;
  if (choices_.chance(0.3))
    container["volumeMounts"] = {{{"name", "v0"}, {"mountPath", "/" + text()}}};
  if (detail_ == Detail::kWorkspaces) furnish(container);
  return container;
}

json PodGenerator::words() {
  json list = json::array({choices_.chance(0.1) ? text() : "/bin/" + text()});
  for (std::size_t count = choices_.below(4); count > 0; --count) {
    list.push_back(choices_.chance(0.2) ? "$(V1) $(PATH)" : text());
  }
  return list;
}

json PodGenerator::handler() {
  json handler = json::object();
  switch (choices_.below(6)) {
    case 5:
      handler["httpGet"] = {{"path", "/" + text()},
                            {"port", choices_.chance(0.5) ? json("http") : json(80)}};
      if (choices_.chance(0.2))
        handler["httpGet"]["httpHeaders"] = {{{"name", "A"}, {"value", "b"}}};
      break;
    case 4:
      handler["tcpSocket"] = {{"port", 1 + choices_.below(70000)}};
      break;
    case 3:
      handler["grpc"] = {{"port", 80}};
      break;
    default:
      handler["exec"] = {{"command", words()}};
  }
  if (choices_.chance(0.3)) handler["periodSeconds"] = 1 + choices_.below(60);
  return handler;
}

json PodGenerator::variable() {
  static const std::array<std::string, 10> kNames = {
      "V1",  "V2",   "TERM", "PATH", "HOME", "LD_PRELOAD", "CODER_AGENT_TOKEN",
      "a.b", "LANG", "APP_X"};
  json variable = {{"name", kNames[choices_.below(kNames.size())]}};
  if (choices_.chance(0.3)) {
    variable["valueFrom"] = {{"secretKeyRef", {{"name", "s"}, {"key", text()}}}};
  } else {
    variable["value"] = choices_.chance(0.2) ? "$(V1):$(PATH):" + text() : text();
  }
  return variable;
}

json PodGenerator::mount(std::size_t number) {
  static const std::array<std::string, 9> kPaths = {
      "/home/dev",          "/root",    "/data",    "/home/dev/src", "/var/lib/docker",
      "/var/run/secrets/a", "/usr/bin", "/work%2F", "/etc/x y"};
  json mount = {{"name", "v" + std::to_string(choices_.below(2))},
                {"mountPath", kPaths[(choices_.below(4) + number * 3) % kPaths.size()]}};
  if (choices_.chance(0.3)) mount["readOnly"] = true;
  if (choices_.chance(0.3)) mount["subPath"] = "sub" + std::to_string(number);
  return mount;
}

void PodGenerator::furnish(json& container) {
  if (choices_.chance(0.8)) container["command"] = words();
  if (choices_.chance(0.4)) container["args"] = words();
  json variables = json::array();
  for (std::size_t count = choices_.below(5); count > 0; --count) {
    json one = variable();
    const bool is_new = std::none_of(variables.begin(), variables.end(), [&](const json& other) {
      return other.at("name") == one.at("name");
    });
    if (is_new) variables.push_back(std::move(one));
  }
  if (!variables.empty()) container["env"] = variables;
  if (choices_.chance(0.1))
    container["envFrom"] = {{{"prefix", "APP_"}, {"secretRef", {{"name", "s"}}}}};
  json mounts = json::array();
  for (std::size_t count = choices_.below(4); count > 0; --count) {
    json one = mount(mounts.size());
    const bool is_new = std::none_of(mounts.begin(), mounts.end(), [&](const json& other) {
      return other.at("mountPath") == one.at("mountPath");
    });
    if (is_new) mounts.push_back(std::move(one));
  }
  if (!mounts.empty()) container["volumeMounts"] = mounts;
  if (choices_.chance(0.3)) container["ports"] = {{{"name", "http"}, {"containerPort", 8080}}};
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    if (choices_.chance(0.2)) container[probe] = handler();
  }
  if (choices_.chance(0.2)) container["lifecycle"]["postStart"] = handler();
  if (choices_.chance(0.2)) container["lifecycle"]["preStop"] = handler();
  if (choices_.chance(0.1)) container["tty"] = true;
  if (choices_.chance(0.1)) container["stdin"] = true;
  if (choices_.chance(0.1)) container["terminationMessagePath"] = "/tmp/message";
  if (choices_.chance(0.1)) container["terminationMessagePolicy"] = "File";
  if (choices_.chance(0.1))
    container["imagePullPolicy"] = choices_.chance(0.5) ? "Never" : "Always";
  if (choices_.chance(0.1)) container["securityContext"]["readOnlyRootFilesystem"] = true;
  if (choices_.chance(0.1)) container["securityContext"]["runAsGroup"] = 100;
}

void PodGenerator::furnish_pod(json& spec) {
  if (choices_.chance(0.1)) spec["hostAliases"] = {{{"ip", "10.0.0.1"}, {"hostnames", {"db"}}}};
  if (choices_.chance(0.1)) spec["securityContext"]["runAsGroup"] = 100;
  if (choices_.chance(0.1)) spec["securityContext"]["supplementalGroups"] = {100, 200};
  if (choices_.chance(0.1))
    spec["securityContext"]["seccompProfile"] = {{"type", "RuntimeDefault"}};
  if (choices_.chance(0.1)) {
    spec["securityContext"]["sysctls"] = {{{"name", "net.ipv4.tcp_syncookies"}, {"value", "1"}}};
  }
}

json PodGenerator::containers(const char* prefix, std::size_t least) {
  json list = json::array();
  for (std::size_t count = least + choices_.below(3); count > 0; --count) {
    list.push_back(container(prefix + std::to_string(list.size())));
  }
  return list;
}

json PodGenerator::volumes() {
  json list = json::array();
  for (std::size_t count = choices_.below(3); count > 0; --count) {
    list.push_back({{"name", "v" + std::to_string(list.size())}, {"emptyDir", json::object()}});
  }
  if (choices_.chance(0.1)) {
    list.push_back(
        {{"name", "cvm-usr-src"}, {"hostPath", {{"path", "/usr/src"}, {"type", "Directory"}}}});
  }
  return list;
}

json PodGenerator::next() {
  json spec = {{"containers", containers("c", 1)}};
  if (choices_.chance(0.5))
    spec["initContainers"] = choices_.chance(0.1) ? json() : containers("i", 0);
  if (choices_.chance(0.6)) spec["volumes"] = choices_.chance(0.1) ? json() : volumes();
  if (choices_.chance(0.3))
    spec["securityContext"] = {{"runAsUser", choices_.below(3000)}, {"fsGroup", 1000}};
  if (detail_ == Detail::kWorkspaces) furnish_pod(spec);
  if (choices_.chance(0.2)) spec["hostname"] = text();
  if (choices_.chance(0.1)) spec["runtimeClassName"] = "cvm";
  if (choices_.chance(0.05)) spec["hostNetwork"] = true;
  return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata()}, {"spec", spec}};
}

}  // namespace cvm::testing
