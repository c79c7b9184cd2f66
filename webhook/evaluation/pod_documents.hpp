// The objects of a file that are Pods, or that pods are made by: documents, and items of Lists.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "webhook/calls/pod_makers.hpp"
#include "webhook/evaluation/input.hpp"

namespace cvm::webhook {

// Keys in the order of the file, so that a diff shows nothing but changes.
using OrderedJson = nlohmann::ordered_json;

struct PodDocument {
  OrderedJson object;                      // as given
  const PodMaker* maker = nullptr;         // what makes pods of the object; null: it is a Pod
  const YamlDocument* document = nullptr;  // of the file that was read
  std::string base;                        // JSON pointer of the object in the document

  std::string kind() const { return maker == nullptr ? "Pod" : std::string(maker->kind); }
  // "alice-dev", "web-7d9f-*" for generateName, "(unnamed)".
  std::string name() const;
  // metadata.name; empty where it is not said.
  std::string given_name() const;
  // "alice-dev" for a Pod, "Deployment web" for others.
  std::string display_name() const;
  // metadata.namespace; empty where it is not said.
  std::string ns() const;
  // The Pod, or the one that would be made.
  OrderedJson pod() const { return maker == nullptr ? object : make_pod(*maker, object); }
};

struct PodDocuments {
  std::vector<PodDocument> pods;
  // A line for each object that is no pod and makes none (a Service, a claim...).
  std::vector<std::string> notes;
  // Of the Namespaces in the file, by name.
  std::map<std::string, std::map<std::string, std::string>, std::less<>> namespace_labels;
};

// Throws Unusable on objects without kind, on names that are no strings, and where something makes
// pods and has no template.
PodDocuments find_pods(const InputFile& file);

// The same, its notes on the standard error. Throws Unusable where the file has no pod.
PodDocuments find_pods_or_fail(const InputFile& file);

}  // namespace cvm::webhook
