// A mapping of a kubeconfig file, and how its fields are read. Empty fields count as absent and
// unknown ones are passed over, as kubectl does both. What is wrong is added to the mistakes of the
// file; what was found instead is not repeated, as it may be a secret.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

class KubeconfigSection {
 public:
  // Paths are relative to `directory`.
  KubeconfigSection(const DocumentValue& value, std::filesystem::path directory)
      : value_(value.secret()), directory_(std::move(directory)) {}

  const nlohmann::json& json() const { return value_.json(); }
  const std::string& place() const { return value_.path(); }  // "users[dev].user"

  std::optional<DocumentValue> find(const std::string& key) const;
  // Of the field, which may be absent.
  void add_mistake(const std::string& key, std::string message) const;
  // The same, of what content() gave for the key.
  void add_content_mistake(const std::string& key, std::string message) const;

  // Each gives what it gives for an absent field where it adds a mistake.
  std::string text(const std::string& key) const;                // "" when absent
  bool flag(const std::string& key) const;                       // false when absent
  std::vector<std::string> texts(const std::string& key) const;  // empty when absent
  std::optional<KubeconfigSection> section(const std::string& key) const;
  std::vector<KubeconfigSection> sections(const std::string& key) const;  // the maps of a list
  std::string path(const std::string& key) const;                         // "" when absent
  // `key` names a file, `key`-data carries its content as base64 and wins; "" when both are absent.
  std::string content(const std::string& key) const;

  std::string in_directory(const std::string& path) const;

 private:
  DocumentValue value_;
  std::filesystem::path directory_;
};

}  // namespace cvm::webhook
