#include "webhook/doctor/cluster_dump.hpp"

#include <fmt/format.h>

#include "webhook/decode/json_fields.hpp"
#include "webhook/evaluation/input.hpp"
#include "webhook/formats/unusable.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

constexpr std::string_view kListSuffix = "List";

class DumpReader {
 public:
  DumpReader(const InputFile& file, ClusterFacts& facts) : file_(file), facts_(facts) {}

  void read(const YamlDocument& document) {
    document_ = &document;
    Element root;
    if (parser_.parse(document.json).get(root) != simdjson::SUCCESS) fail("", "it is not JSON");
    read_object(root, "", {});
  }

 private:
  [[noreturn]] void fail(const std::string& pointer, const std::string& message) const {
    throw Unusable(file_.place(*document_, pointer) + message);
  }

  // `implied`: the kind of the list that it is in, whose items need not say theirs.
  void read_object(Element object, const std::string& pointer,
                   const std::optional<ObjectKind>& implied) {
    if (!object.is_object()) fail(pointer, "expected a Kubernetes object, found none");
    const std::string kind = string_at(object, "/kind");
    const std::string version = string_at(object, "/apiVersion");
    if (kind.empty() && !implied) {
      fail(pointer,
           "expected a Kubernetes object, found no kind; give what kubectl get -o yaml "
           "prints");
    }
    if (kind.ends_with(kListSuffix)) return read_list(object, pointer, version, kind);
    const auto found = kind.empty() ? implied : find_kind(version, kind);
    if (!found) return;
    if (const auto fault = facts_.add(*found, object)) {
      const std::string field = fault->message.substr(0, fault->message.find(": "));
      throw Unusable(file_.place_of_field(*document_, pointer, field) + fault->message);
    }
  }

  void read_list(Element list, const std::string& pointer, const std::string& version,
                 std::string kind) {
    kind.resize(kind.size() - kListSuffix.size());
    const auto implied = find_kind(version, kind);
    if (implied) facts_.set_known(*implied);
    simdjson::dom::array items;
    if (list["items"].get(items) != simdjson::SUCCESS) {
      fail(pointer, "expected items in a list, found none");
    }
    std::size_t index = 0;
    for (const Element item : items) {
      read_object(item, fmt::format("{}/items/{}", pointer, index++), implied);
    }
  }

  const InputFile& file_;
  ClusterFacts& facts_;
  const YamlDocument* document_ = nullptr;
  simdjson::dom::parser parser_;
};

}  // namespace

ClusterFacts read_dumps(const std::vector<std::string>& files) {
  ClusterFacts facts;
  for (const std::string& name : files) {
    const InputFile file = read_documents(name);
    if (file.documents.empty()) {
      throw Unusable(
          fmt::format("{}: expected Kubernetes objects, found an empty file", file.name));
    }
    DumpReader reader(file, facts);
    for (const YamlDocument& document : file.documents) reader.read(document);
  }
  return facts;
}

}  // namespace cvm::webhook
