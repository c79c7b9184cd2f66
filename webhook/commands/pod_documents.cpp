#include "webhook/commands/pod_documents.hpp"

#include <algorithm>
#include <array>

#include "webhook/commands/unusable.hpp"

namespace cvm::webhook {
namespace {

constexpr std::array<std::string_view, 8> kPodMakers = {
    "Deployment", "StatefulSet", "DaemonSet",  "ReplicaSet", "ReplicationController",
    "Job",        "CronJob",     "PodTemplate"};

std::string string_at(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class PodFinder {
 public:
  PodFinder(const InputFile& file, std::vector<std::string>& notes) : file_(file), notes_(notes) {}

  std::vector<PodDocument> run() {
    for (const YamlDocument& document : file_.documents) {
      add(document, "", OrderedJson::parse(document.json), "");
    }
    return std::move(pods_);
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
    } else if (kind == "Pod") {
      add_pod(document, base, std::move(object));
    } else if (std::find(kPodMakers.begin(), kPodMakers.end(), kind) != kPodMakers.end()) {
      fail(document, base + "/kind",
           "this version judges Pods only, found a " + kind +
               "; give the Pod that it makes, from its template");
    } else {
      std::string note = file_.place(document, base) + "left out " + kind;
      const auto metadata = object.find("metadata");
      if (metadata != object.end() && metadata->is_object()) {
        note += " " + string_at(*metadata, "name");
      }
      notes_.push_back(std::move(note));
    }
  }

  void add_items(const YamlDocument& document, const std::string& base, OrderedJson& list,
                 const std::string& item_kind) {
    const auto items = list.find("items");
    if (items == list.end() || items->is_null()) return;
    if (!items->is_array()) fail(document, base + "/items", "expected a list of objects");
    for (std::size_t i = 0; i < items->size(); ++i) {
      add(document, base + "/items/" + std::to_string(i), std::move((*items)[i]), item_kind);
    }
  }

  void add_pod(const YamlDocument& document, const std::string& base, OrderedJson pod) {
    const std::string version = string_at(pod, "apiVersion");
    if (!version.empty() && version != "v1") {
      fail(document, base + "/apiVersion", "expected v1 for a Pod, found " + version);
    }
    // kubectl fills in what the items of a PodList lack.
    if (!pod.contains("kind")) pod["kind"] = "Pod";
    if (version.empty()) pod["apiVersion"] = "v1";
    pods_.push_back({std::move(pod), &document, base});
  }

  const InputFile& file_;
  std::vector<std::string>& notes_;
  std::vector<PodDocument> pods_;
};

}  // namespace

std::string PodDocument::display_name() const {
  const auto metadata = pod.find("metadata");
  if (metadata == pod.end() || !metadata->is_object()) return "(unnamed)";
  if (std::string name = string_at(*metadata, "name"); !name.empty()) return name;
  const std::string prefix = string_at(*metadata, "generateName");
  return prefix.empty() ? "(unnamed)" : prefix + "*";
}

std::vector<PodDocument> find_pods(const InputFile& file, std::vector<std::string>& notes) {
  return PodFinder(file, notes).run();
}

}  // namespace cvm::webhook
