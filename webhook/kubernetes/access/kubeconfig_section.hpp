// A mapping of a kubeconfig file, and how its fields are read. Empty fields count as absent, as
// they do for kubectl.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policies/model/result.hpp"

namespace cvm::webhook {

class KubeconfigSection {
 public:
  // `place` is for messages: "FILE: users[dev].user". `json` must outlive the section. Paths are
  // relative to `directory`.
  KubeconfigSection(const nlohmann::json& json, std::string place, std::filesystem::path directory)
      : json_(&json), place_(std::move(place)), directory_(std::move(directory)) {}

  const nlohmann::json& json() const { return *json_; }
  const std::string& place() const { return place_; }

  // "FILE: users[dev].user.KEY: MESSAGE"; without the key when it is empty.
  Error error(const std::string& key, const std::string& message) const;

  bool has(const std::string& key) const;
  Result<std::string> text(const std::string& key) const;  // empty when absent
  Result<bool> flag(const std::string& key) const;         // false when absent
  // Empty when absent; as sections(), never repeats what it found instead, which may be a secret.
  Result<std::vector<std::string>> texts(const std::string& key) const;
  // Nothing when absent.
  Result<std::optional<KubeconfigSection>> section(const std::string& key) const;
  // The mappings of a list; empty when absent.
  Result<std::vector<KubeconfigSection>> sections(const std::string& key) const;
  // A path; empty when absent.
  Result<std::string> path(const std::string& key) const;
  // `key` names a file, `key`-data carries its content as base64 and wins; empty when both absent.
  Result<std::string> content(const std::string& key) const;

  std::string in_directory(const std::string& path) const;

  // For "expected a string, found ...".
  static std::string describe(const nlohmann::json& value);

 private:
  const nlohmann::json* json_;
  std::string place_;
  std::filesystem::path directory_;
};

}  // namespace cvm::webhook
