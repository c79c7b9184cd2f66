// YamlTree: the events of one YAML document, kept as a tree, and written as JSON.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/formats/yaml_json.hpp"
#include "webhook/formats/yaml_scalar.hpp"

namespace cvm::webhook {

// Where a mark of the parser, which counts bytes, is in what it reads.
TextPosition to_position(const YAML::Mark& mark, const TextPositions& positions);

// Every mistake is thrown as a YAML::ParserException, as the parser's own are.
class YamlTree : public YAML::EventHandler {
 public:
  // `text` is what the parser reads; it must outlive the tree.
  explicit YamlTree(std::string_view text) : text_(text), text_positions_(text) {}

  // The document that was read last; nothing when it was empty.
  std::optional<YamlDocument> take_document();

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  struct Node;
  struct Entry {  // of a map, or of a sequence without key
    std::string key;
    YAML::Mark key_mark, mark;
    const Node* value = nullptr;
    bool is_copy = false;  // through an alias or a merge key
    bool is_merge = false;
  };
  struct Node {
    enum class Kind { kScalar, kSequence, kMap };
    Kind kind = Kind::kScalar;
    YamlScalar scalar;
    bool is_plain = false;
    bool is_open = false;  // its end was not read yet
    YAML::Mark mark;
    std::vector<Entry> entries;
    std::map<std::string, YAML::Mark, std::less<>> keys;
    std::optional<Entry> pending;  // a key whose value comes next
  };

  Node& make_node(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close() {
    open_.back()->is_open = false;
    open_.pop_back();
  }
  // Puts a value where the document has come to: the root, an element, a key or a key's value.
  void place(const Node& node, const YAML::Mark& mark, bool is_alias);
  static Entry make_key(const Node& node, const YAML::Mark& mark);
  void merge_into(Node& map);
  void merge_map(Node& map, const Entry& merge, const Node& source);
  void spend(std::size_t bytes, const YAML::Mark& mark);
  void write(const Node& node, const YAML::Mark& mark, int depth, bool is_copy, YamlDocument& out);

  std::string_view text_;
  TextPositions text_positions_;
  std::deque<Node> nodes_;
  std::map<YAML::anchor_t, const Node*> anchors_;
  std::vector<Node*> open_;
  const Node* root_ = nullptr;
  std::size_t expansion_ = 0;
  std::string pointer_;
};

}  // namespace cvm::webhook
