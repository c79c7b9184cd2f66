// The cluster of a case: its settings and its nodes.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "policies/model/closest_name.hpp"
#include "policies/nodes/node_store.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/formats/json_places.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"
#include "webhook/suites/short_node.hpp"
#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

// "items[3].metadata.name: expected ...": the path up to the colon.
std::string field_of(const std::string& message) {
  return message.substr(0, std::min(message.find(": "), message.size()));
}

// A key that is wrong is pointed at itself, as in a settings file.
FilePlace place_of(const DocumentMistake& mistake, const Sources& sources) {
  if (mistake.message.starts_with("unknown key")) {
    for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
      const auto& keys = source->document->key_positions;
      const auto found = keys.find(source->base + mistake.pointer);
      if (found == keys.end()) continue;
      return {source->file, found->second.line, found->second.column};
    }
  }
  return find_place(sources, mistake.pointer);
}

}  // namespace

std::string mistake_in_node_name(const std::string& name, const NodeCatalog* nodes) {
  if (nodes != nullptr && nodes->find(name) != nullptr) return "";
  std::vector<std::string> names;
  if (nodes != nullptr) {
    nodes->for_each_node([&](const std::string& each, const auto&) { names.push_back(each); });
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return fmt::format("no node of the case is named {}{}", name, did_you_mean(name, known));
}

void ClusterReader::read_suite(const DocumentValue& level) {
  base_ = read_settings_json(level, {json::object(), {reading_.source_of(level)}});
  add_settings(base_);
  suite_.nodes.push_back(nullptr);
  if (const auto nodes = read_nodes(level)) suite_.nodes[0] = suite_.nodes[*nodes];
}

void ClusterReader::read_case(const DocumentValue& level, SuiteCase& one) {
  if (level.find("settings") || level.find("settingsFile")) {
    one.settings = add_settings(read_settings_json(level, base_));
  }
  one.nodes = read_nodes(level).value_or(0);
}

SourcedJson ClusterReader::read_settings_json(const DocumentValue& level, const SourcedJson& base) {
  SourcedJson settings = base;
  if (const auto file = level.find("settingsFile")) {
    if (auto object = reading_.read_object_file(*file)) settings = std::move(*object);
  }
  if (const auto text = level.find("settings")) {
    if (const auto patch = read_map(*text)) {
      settings.value.merge_patch(*patch);
      settings.sources.push_back(reading_.source_of(*text));
    }
  }
  return settings;
}

std::size_t ClusterReader::add_settings(const SourcedJson& settings) {
  const std::string text = settings.value.dump();
  const auto [found, is_new] = settings_.try_emplace(text, suite_.settings.size());
  if (!is_new) return found->second;
  SettingsResult result = parse_settings_body(text);
  for (const DocumentMistake& mistake : result.mistakes) {
    reading_.add_mistake(
        place_of(mistake, settings.sources),
        fmt::format("settings{}: {}", mistake.path.empty() ? "" : "." + mistake.path,
                    mistake.message));
  }
  json given = settings.value;
  for (const char* key : {"apiVersion", "kind"}) given.erase(key);
  suite_.settings.push_back({std::move(result.settings), std::move(given)});
  return found->second;
}

void ClusterReader::add_nodes_of(const DocumentValue& file, std::vector<NodeFacts>& nodes) {
  const SuiteReading::NamedFile* named = reading_.read_file(file);
  if (named == nullptr) return;
  if (named->documents.empty()) {
    file.add_mistake(fmt::format("{}: expected nodes, found an empty file", named->path));
  }
  for (const auto& document : named->documents) {
    auto decoded = decode_nodes(document->json);
    if (!decoded) {
      const std::string& message = decoded.error().message;
      reading_.add_mistake(
          find_place({{named->path, document, ""}}, field_to_pointer(field_of(message))), message);
      continue;
    }
    std::move(decoded->begin(), decoded->end(), std::back_inserter(nodes));
  }
}

void ClusterReader::add_node(const DocumentValue& value, const std::string& key,
                             const std::string& name, std::vector<NodeFacts>& nodes) {
  const json list = {{"kind", "NodeList"}, {"items", {read_node(value, name)}}};
  auto decoded = decode_nodes(list.dump());
  if (decoded) {
    const std::string& found = decoded->front().name;
    const auto is_same = [&found](const NodeFacts& node) { return node.name == found; };
    if (std::any_of(nodes.begin(), nodes.end(), is_same)) {
      value.add_mistake(fmt::format("another node of the case is named {}", found));
    }
    nodes.push_back(std::move(decoded->front()));
    return;
  }
  constexpr std::string_view kItem = "items[0]";
  std::string message = decoded.error().message;
  if (message.starts_with(kItem)) message.erase(0, kItem.size());
  std::string field = field_of(message);
  if (field.starts_with('.')) field.erase(0, 1);
  reading_.add_mistake(find_place({reading_.source_of(value)}, field_to_pointer(field)),
                       key + message);
}

std::optional<std::size_t> ClusterReader::read_nodes(const DocumentValue& level) {
  const auto files = level.find("nodesFiles"), list = level.find("nodes"),
             only = level.find("node");
  if (!files && !list && !only) return std::nullopt;
  if (list && only) only->add_key_mistake("expected one of node and nodes");
  std::string key;
  for (const auto& part : {files, list, only}) key += (part ? part->json().dump() : "") + "\n";
  if (const auto found = nodes_.find(key); found != nodes_.end()) return found->second;

  std::vector<NodeFacts> nodes;
  if (files) files->read_elements([&](const DocumentValue& file) { add_nodes_of(file, nodes); });
  if (only) add_node(*only, "node", "node", nodes);
  if (list && !list->json().is_array()) {
    list->add_mistake(fmt::format("expected a list of nodes, found {}", list->describe_found()));
  } else if (list) {
    std::size_t index = 0;
    list->read_elements([&](const DocumentValue& node) {
      const std::string position = std::to_string(index++);
      add_node(node, fmt::format("nodes[{}]", position), "node-" + std::to_string(index), nodes);
    });
  }
  suite_.nodes.push_back(make_catalog(nodes));
  return nodes_.emplace(key, suite_.nodes.size() - 1).first->second;
}

}  // namespace cvm::webhook
