#include "webhook/evaluation/pod_documents.hpp"

#include <fmt/format.h>

#include <iostream>

#include "webhook/formats/unusable.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {
namespace {

std::string string_at(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The value of metadata.<key>; empty where there is none.
std::string metadata_string(const OrderedJson& object, const char* key) {
  const auto metadata = object.find("metadata");
  return metadata != object.end() && metadata->is_object() ? string_at(*metadata, key) : "";
}

class PodFinder {
 public:
  explicit PodFinder(const InputFile& file) : file_(file) {}

  PodDocuments run() {
    for (const YamlDocument& document : file_.documents) {
      add(document, "", OrderedJson::parse(document.json), "");
    }
    return std::move(found_);
  }

 private:
  [[noreturn]] void fail(const YamlDocument& document, const std::string& pointer,
                         const std::string& message) const {
    throw Unusable(file_.place(document, pointer) + message);
  }

  // `item_kind`: what the items of a typed list are, which carry no kind themselves.
  void add(const YamlDocument& document, const std::string& base, OrderedJson object,
           const std::string& item_kind) {
    if (!object.is_object()) fail(document, base, "expected a Kubernetes object");
    std::string kind = string_at(object, "kind");
    if (kind.empty()) kind = item_kind;
    if (kind.empty()) fail(document, base, "expected a kind, found none");
    if (kind == "List" || kind == "PodList") {
      add_items(document, base, object, kind == "PodList" ? "Pod" : "");
    } else if (kind.ends_with("List") && find_pod_maker(kind.substr(0, kind.size() - 4))) {
      add_typed_items(document, base, object, kind.substr(0, kind.size() - 4));
    } else if (kind == "Pod") {
      add_pod(document, base, std::move(object));
    } else if (const PodMaker* maker = find_maker(object, kind)) {
      add_maker(document, base, *maker, std::move(object));
    } else {
      if (kind == "Namespace") note_labels(object);
      const std::string name = metadata_string(object, "name");
      found_.notes.push_back(fmt::format("{}left out {}{}", file_.place(document, base), kind,
                                         name.empty() ? "" : " " + name));
    }
  }

  // The items of a DeploymentList carry neither kind nor apiVersion themselves.
  void add_typed_items(const YamlDocument& document, const std::string& base, OrderedJson& list,
                       const std::string& kind) {
    const auto items = list.find("items");
    for (std::size_t i = 0; items != list.end() && items->is_array() && i < items->size(); ++i) {
      OrderedJson& item = (*items)[i];
      if (item.is_object() && !item.contains("apiVersion")) {
        item["apiVersion"] = string_at(list, "apiVersion");
      }
      if (item.is_object() && !item.contains("kind")) item["kind"] = kind;
    }
    add_items(document, base, list, kind);
  }

  // Null also for a kind of the same name in another API group: "batch.volcano.sh/v1" Jobs.
  static const PodMaker* find_maker(const OrderedJson& object, const std::string& kind) {
    const PodMaker* const maker = find_pod_maker(kind);
    if (maker == nullptr) return nullptr;
    const std::string version = string_at(object, "apiVersion");
    return version.empty() || group_of(version) == group_of(maker->api_version) ? maker : nullptr;
  }

  static std::string_view group_of(std::string_view api_version) {
    return api_version.substr(
        0, api_version.find('/') == std::string_view::npos ? 0 : api_version.find('/'));
  }

  void check_metadata(const YamlDocument& document, const std::string& base,
                      const OrderedJson& object) {
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || metadata->is_null()) return;
    if (!metadata->is_object()) {
      fail(document, fmt::format("{}/metadata", base),
           std::string("metadata: expected an object, found ") + metadata->type_name());
    }
    for (const char* key : {"name", "generateName", "namespace"}) {
      const auto value = metadata->find(key);
      if (value == metadata->end() || value->is_null() || value->is_string()) continue;
      fail(document, fmt::format("{}/metadata/{}", base, key),
           fmt::format("metadata.{}: expected a string, found a {}", key, value->type_name()));
    }
  }

  void add_items(const YamlDocument& document, const std::string& base, OrderedJson& list,
                 const std::string& item_kind) {
    const auto items = list.find("items");
    if (items == list.end() || items->is_null()) return;
    if (!items->is_array()) fail(document, base + "/items", "expected a list of objects");
    for (std::size_t i = 0; i < items->size(); ++i) {
      add(document, fmt::format("{}/items/{}", base, i), std::move((*items)[i]), item_kind);
    }
  }

  void check_version(const YamlDocument& document, const std::string& base,
                     const OrderedJson& object, std::string_view kind, std::string_view expected) {
    const std::string version = string_at(object, "apiVersion");
    if (version == expected || (version.empty() && kind == "Pod")) return;
    fail(document, fmt::format("{}/apiVersion", base),
         fmt::format("expected {} for a {}, found {}", expected, kind,
                     version.empty() ? "none" : version));
  }

  void add_pod(const YamlDocument& document, const std::string& base, OrderedJson pod) {
    check_version(document, base, pod, "Pod", "v1");
    check_metadata(document, base, pod);
    // kubectl fills in what the items of a PodList lack.
    if (!pod.contains("kind")) pod["kind"] = "Pod";
    if (string_at(pod, "apiVersion").empty()) pod["apiVersion"] = "v1";
    found_.pods.push_back({std::move(pod), nullptr, &document, base});
  }

  void add_maker(const YamlDocument& document, const std::string& base, const PodMaker& maker,
                 OrderedJson object) {
    check_version(document, base, object, maker.kind, maker.api_version);
    check_metadata(document, base, object);
    const OrderedJson::json_pointer place(maker.template_pointer());
    if (!object.contains(place) || !object.at(place).is_object()) {
      fail(document, base + maker.template_pointer(),
           fmt::format("expected a pod template at {}, found {}", maker.path,
                       object.contains(place) ? "something else" : "none"));
    }
    found_.pods.push_back({std::move(object), &maker, &document, base});
  }

  void note_labels(const OrderedJson& object) {
    auto& labels = found_.namespace_labels[metadata_string(object, "name")];
    const auto place = "/metadata/labels"_json_pointer;
    if (!object.contains(place) || !object.at(place).is_object()) return;
    for (const auto& [key, value] : object.at(place).items()) {
      if (value.is_string()) labels[key] = value.get<std::string>();
    }
  }

  const InputFile& file_;
  PodDocuments found_;
};

}  // namespace

std::string PodDocument::given_name() const { return metadata_string(object, "name"); }

std::string PodDocument::name() const {
  if (std::string name = given_name(); !name.empty()) return name;
  const std::string prefix = metadata_string(object, "generateName");
  return prefix.empty() ? "(unnamed)" : prefix + "*";
}

std::string PodDocument::display_name() const {
  return maker == nullptr ? name() : fmt::format("{} {}", kind(), name());
}

std::string PodDocument::ns() const { return metadata_string(object, "namespace"); }

PodDocuments find_pods(const InputFile& file) { return PodFinder(file).run(); }

PodDocuments find_pods_or_fail(const InputFile& file) {
  PodDocuments found = find_pods(file);
  for (const std::string& note : found.notes) std::cerr << "note: " << printable(note) << '\n';
  if (found.pods.empty()) {
    throw Unusable(
        fmt::format("{}: expected a Pod, or a {}, found none", file.name, list_pod_makers()));
  }
  return found;
}

}  // namespace cvm::webhook
