#include "tests/policies/generated_pods.hpp"

#include <array>

namespace cvm::testing {

using nlohmann::json;

bool PodGenerator::chance(double probability) {
  return std::bernoulli_distribution(probability)(random_);
}

std::size_t PodGenerator::below(std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
}

std::string PodGenerator::text() {
  static const std::array<std::string, 16> kPieces = {"a", "dev",     "-",  "/",  "\"", "\\",
                                                      "$", "$(HOME)", "~1", "\n", "\t", "\x01",
                                                      "ü", "日本",    "😀", " "};
  std::string text = "x";
  for (std::size_t count = below(6); count > 0; --count) text += kPieces[below(kPieces.size())];
  return text;
}

json PodGenerator::metadata() {
  json metadata = json::object();
  if (chance(0.8)) {
    metadata["name"] = text();
  } else {
    metadata["generateName"] = text() + "-";
  }
  if (chance(0.6)) {
    metadata["annotations"] = chance(0.1) ? json() : json::object();
    if (chance(0.5)) metadata["annotations"][text()] = text();
    if (chance(0.1)) metadata["annotations"]["cvm-webhook.io/plan"] = text();
    if (chance(0.2)) metadata["annotations"]["kubectl.kubernetes.io/default-container"] = "c1";
  }
  if (chance(0.5)) metadata["labels"] = {{"app", text()}};
  if (chance(0.1)) metadata["labels"]["cvm-webhook.io/cvm"] = chance(0.5) ? "true" : "false";
  return metadata;
}

json PodGenerator::container(const std::string& name) {
  json container = {{"name", name}, {"image", text()}};
  if (chance(0.3)) container["workingDir"] = "/" + text();
  if (chance(0.3)) container["env"] = {{{"name", "A"}, {"value", text()}}};
  if (chance(0.3)) container["resources"] = {{"limits", {{"cpu", "2"}, {"memory", "4Gi"}}}};
  if (chance(0.1)) container["resources"]["limits"]["nvidia.com/gpu"] = "1";
  if (chance(0.3)) container["securityContext"] = {{"runAsUser", below(3000)}};
  if (chance(0.04)) container["securityContext"]["privileged"] = true;
  if (chance(0.3)) container["volumeMounts"] = {{{"name", "v0"}, {"mountPath", "/" + text()}}};
  return container;
}

json PodGenerator::containers(const char* prefix, std::size_t least) {
  json list = json::array();
  for (std::size_t count = least + below(3); count > 0; --count) {
    list.push_back(container(prefix + std::to_string(list.size())));
  }
  return list;
}

json PodGenerator::volumes() {
  json list = json::array();
  for (std::size_t count = below(3); count > 0; --count) {
    list.push_back({{"name", "v" + std::to_string(list.size())}, {"emptyDir", json::object()}});
  }
  if (chance(0.1)) {
    list.push_back(
        {{"name", "cvm-usr-src"}, {"hostPath", {{"path", "/usr/src"}, {"type", "Directory"}}}});
  }
  return list;
}

json PodGenerator::next() {
  json spec = {{"containers", containers("c", 1)}};
  if (chance(0.5)) spec["initContainers"] = chance(0.1) ? json() : containers("i", 0);
  if (chance(0.6)) spec["volumes"] = chance(0.1) ? json() : volumes();
  if (chance(0.3)) spec["securityContext"] = {{"runAsUser", below(3000)}, {"fsGroup", 1000}};
  if (chance(0.2)) spec["hostname"] = text();
  if (chance(0.1)) spec["runtimeClassName"] = "cvm";
  if (chance(0.05)) spec["hostNetwork"] = true;
  return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata()}, {"spec", spec}};
}

}  // namespace cvm::testing
