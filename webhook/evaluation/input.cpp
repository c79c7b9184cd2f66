#include "webhook/evaluation/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "policies/model/closest_name.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/formats/json_places.hpp"
#include "webhook/formats/text_file.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kStandardInput = "-";

std::string display_name(const std::string& path) {
  return path == kStandardInput ? "<stdin>" : path;
}

std::string read_text(const std::string& path) {
  if (path == kStandardInput) {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  }
  auto text = read_text_file(path);
  if (!text) throw Unusable(fmt::format("{}: {}", path, text.error().message));
  return std::move(*text);
}

std::string place_at(const std::string& name, TextPosition where) {
  return fmt::format("{}:{}:{}: ", name, where.line, where.column);
}

}  // namespace

std::string InputFile::place(const YamlDocument& document, std::string_view pointer) const {
  return place_at(name, document.position_of(pointer));
}

std::string InputFile::place_of_field(const YamlDocument& document, std::string_view base,
                                      std::string_view field) const {
  return place(document, std::string(base) + field_to_pointer(field));
}

InputFile read_documents(const std::string& path) {
  InputFile file{display_name(path), {}};
  auto documents = parse_yaml(read_text(path));
  if (!documents) {
    std::string message = documents.error().message;
    const TextPosition where = take_position(message);
    throw Unusable(place_at(file.name, where) + message);
  }
  file.documents = std::move(*documents);
  return file;
}

std::vector<NodeFacts> read_nodes(const std::string& path) {
  const InputFile file = read_documents(path);
  std::vector<NodeFacts> nodes;
  for (const YamlDocument& document : file.documents) {
    auto decoded = decode_nodes(document.json);
    if (!decoded) {
      const std::string& message = decoded.error().message;
      const std::string field = message.substr(0, std::min(message.find(": "), message.size()));
      throw Unusable(file.place_of_field(document, "", field) + message);
    }
    std::move(decoded->begin(), decoded->end(), std::back_inserter(nodes));
  }
  if (file.documents.empty())
    throw Unusable(fmt::format("{}: expected nodes, found an empty file", file.name));
  return nodes;
}

ProfiledSettings read_settings(const std::string& path) {
  if (path.empty()) return {};
  const std::string name = display_name(path);
  SettingsResult result = parse_settings(read_text(path));
  if (!result.ok()) throw Unusable(result.describe(name));
  for (const std::string& notice : result.notices) {
    std::cerr << "note: " << name << ": " << notice << '\n';
  }
  return std::move(result.settings);
}

Settings settings_of_profile(const ProfiledSettings& settings, const std::string& profile,
                             const std::string& path) {
  if (profile.empty()) return static_cast<const Settings&>(settings);
  std::vector<std::string_view> names;
  for (const ProfileSettings& each : settings.profiles) {
    if (each.name == profile) return each.settings;
    names.push_back(each.name);
  }
  throw Unusable(fmt::format("{}: no profile is named {}{}",
                             path.empty() ? "the default settings" : display_name(path), profile,
                             did_you_mean(profile, names)));
}

}  // namespace cvm::webhook
