#include "webhook/kubernetes/access/kubeconfig_section.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "certs/files.hpp"
#include "webhook/formats/base64.hpp"

namespace cvm::webhook {

std::optional<DocumentValue> KubeconfigSection::find(const std::string& key) const {
  auto found = value_.find(key);
  if (found && found->json().is_string() && found->json().get_ref<const std::string&>().empty()) {
    return std::nullopt;
  }
  return found;
}

void KubeconfigSection::add_mistake(const std::string& key, std::string message) const {
  if (const auto found = value_.find(key)) return found->add_mistake(std::move(message));
  value_.called(fmt::format("{}.{}", place(), key)).add_mistake(std::move(message));
}

void KubeconfigSection::add_content_mistake(const std::string& key, std::string message) const {
  add_mistake(find(key + "-data") ? key + "-data" : key, std::move(message));
}

std::string KubeconfigSection::text(const std::string& key) const {
  std::string text;
  if (const auto found = find(key)) found->read(text);
  return text;
}

bool KubeconfigSection::flag(const std::string& key) const {
  bool flag = false;
  if (const auto found = find(key)) found->read(flag);
  return flag;
}

std::vector<std::string> KubeconfigSection::texts(const std::string& key) const {
  std::vector<std::string> texts;
  if (const auto found = find(key)) found->read(texts);
  return texts;
}

std::optional<KubeconfigSection> KubeconfigSection::section(const std::string& key) const {
  const auto found = find(key);
  if (!found || !found->expect_map()) return std::nullopt;
  return KubeconfigSection(*found, directory_);
}

std::vector<KubeconfigSection> KubeconfigSection::sections(const std::string& key) const {
  std::vector<KubeconfigSection> all;
  if (const auto found = find(key)) {
    found->read_elements([&](const DocumentValue& each) {
      if (each.expect_map()) all.emplace_back(each, directory_);
    });
  }
  return all;
}

std::string KubeconfigSection::path(const std::string& key) const {
  const std::string written = text(key);
  return written.empty() ? written : in_directory(written);
}

std::string KubeconfigSection::content(const std::string& key) const {
  const std::string data_key = key + "-data";
  if (const auto data = find(data_key)) {
    std::optional<std::string> decoded = decode_base64(text(data_key));
    if (decoded) return std::move(*decoded);
    data->add_mistake("it is not base64");
    return {};
  }
  const std::string file = path(key);
  if (file.empty()) return {};
  certs::Result<std::string> read = certs::read_file(file);
  if (read) return std::move(*read);
  add_mistake(key, read.error().message);
  return {};
}

std::string KubeconfigSection::in_directory(const std::string& path) const {
  return (directory_ / path).lexically_normal().string();
}

}  // namespace cvm::webhook
