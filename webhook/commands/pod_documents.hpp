// The Pods of a file: documents, and the items of Lists.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "webhook/commands/input.hpp"

namespace cvm::webhook {

// Keys in the order of the file, so that a diff shows nothing but changes.
using OrderedJson = nlohmann::ordered_json;

struct PodDocument {
  OrderedJson pod;
  const YamlDocument* document = nullptr;  // of the file that was read
  std::string base;                        // JSON pointer of the pod in the document

  // "alice-dev", "web-7d9f-*" for generateName, "(unnamed)".
  std::string display_name() const;
};

// Objects that are no pods and make none (Services, claims...) are left out, each with a line in
// `notes`. Objects that make pods (Deployments...) and objects without kind throw Unusable.
std::vector<PodDocument> find_pods(const InputFile& file, std::vector<std::string>& notes);

}  // namespace cvm::webhook
