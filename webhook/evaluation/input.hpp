// What commands read: documents, nodes and settings from files, or "-" for the standard input.
//
// All throw Unusable, with file, line and column where the text has a place for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/profile_settings.hpp"
#include "webhook/formats/json_places.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {

struct InputFile {
  std::string name;  // for messages: the path, or "<stdin>"
  std::vector<YamlDocument> documents;

  // "<name>:<line>:<column>: "
  std::string place(const YamlDocument& document, std::string_view pointer) const;
  // The same for a path as findings and decoders write it: "spec.containers[0].name", below the
  // value at `base`.
  std::string place_of_field(const YamlDocument& document, std::string_view base,
                             std::string_view field) const;
};

InputFile read_documents(const std::string& path);

// The Node objects and lists of nodes in all documents.
std::vector<NodeFacts> read_nodes(const std::string& path);

// An empty path: the default. Notices go to the standard error.
ProfiledSettings read_settings(const std::string& path);

// The settings of the profile of that name in what was read from `path`; empty: the settings
// themselves.
Settings settings_of_profile(const ProfiledSettings& settings, const std::string& profile,
                             const std::string& path);

}  // namespace cvm::webhook
