#include "webhook/kubernetes/access/kubeconfig_section.hpp"

#include <fmt/format.h>

#include <utility>

#include "certs/files.hpp"
#include "webhook/formats/base64.hpp"

namespace cvm::webhook {

using Json = nlohmann::json;

Error KubeconfigSection::error(const std::string& key, const std::string& message) const {
  return Error{fmt::format("{}{}: {}", place_, key.empty() ? "" : "." + key, message)};
}

bool KubeconfigSection::has(const std::string& key) const {
  const auto found = json_->find(key);
  return found != json_->end() && !found->is_null() && *found != Json("");
}

Result<std::string> KubeconfigSection::text(const std::string& key) const {
  if (!has(key)) return {boost::system::in_place_value};
  const Json& value = json_->at(key);
  if (!value.is_string())
    return error(key, fmt::format("expected a string, found {}", describe(value)));
  return {boost::system::in_place_value, value.get<std::string>()};
}

Result<bool> KubeconfigSection::flag(const std::string& key) const {
  if (!has(key)) return false;
  const Json& value = json_->at(key);
  if (!value.is_boolean())
    return error(key, fmt::format("expected true or false, found {}", describe(value)));
  return value.get<bool>();
}

Result<std::vector<std::string>> KubeconfigSection::texts(const std::string& key) const {
  std::vector<std::string> all;
  if (!has(key)) return all;
  const Json& list = json_->at(key);
  if (!list.is_array())
    return error(key, fmt::format("expected a list, found {}", list.type_name()));
  for (const Json& value : list) {
    if (!value.is_string())
      return error(key, fmt::format("expected strings, found {}", value.type_name()));
    all.push_back(value.get<std::string>());
  }
  return all;
}

Result<std::optional<KubeconfigSection>> KubeconfigSection::section(const std::string& key) const {
  if (!has(key)) return std::optional<KubeconfigSection>();
  const Json& value = json_->at(key);
  if (!value.is_object())
    return error(key, fmt::format("expected a mapping, found {}", describe(value)));
  return std::optional(KubeconfigSection(value, fmt::format("{}.{}", place_, key), directory_));
}

Result<std::vector<KubeconfigSection>> KubeconfigSection::sections(const std::string& key) const {
  std::vector<KubeconfigSection> all;
  if (!has(key)) return all;
  const Json& list = json_->at(key);
  if (!list.is_array())
    return error(key, fmt::format("expected a list, found {}", list.type_name()));
  for (const Json& value : list) {
    const std::string place = fmt::format("{}[{}]", key, all.size());
    if (!value.is_object())
      return error(place, fmt::format("expected a mapping, found {}", value.type_name()));
    all.emplace_back(value, fmt::format("{}.{}", place_, place), directory_);
  }
  return all;
}

Result<std::string> KubeconfigSection::path(const std::string& key) const {
  const Result<std::string> written = text(key);
  if (!written) return written.error();
  if (written->empty()) return {boost::system::in_place_value};
  return {boost::system::in_place_value, in_directory(*written)};
}

Result<std::string> KubeconfigSection::content(const std::string& key) const {
  const std::string data_key = key + "-data";
  const Result<std::string> data = text(data_key);
  if (!data) return data.error();
  if (!data->empty()) {
    std::optional<std::string> decoded = decode_base64(*data);
    if (!decoded) return error(data_key, "it is not base64");
    return {boost::system::in_place_value, std::move(*decoded)};
  }
  const Result<std::string> file = path(key);
  if (!file) return file.error();
  if (file->empty()) return {boost::system::in_place_value};
  certs::Result<std::string> read = certs::read_file(*file);
  if (!read) return error(key, read.error().message);
  return {boost::system::in_place_value, std::move(*read)};
}

std::string KubeconfigSection::in_directory(const std::string& path) const {
  return (directory_ / path).lexically_normal().string();
}

std::string KubeconfigSection::describe(const Json& value) {
  return value.is_string() ? fmt::format("\"{}\"", value.get<std::string>()) : value.type_name();
}

}  // namespace cvm::webhook
