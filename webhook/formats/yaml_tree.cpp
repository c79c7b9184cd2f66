#include "webhook/formats/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <nlohmann/json.hpp>

#include "policies/model/json_text.hpp"

namespace cvm::webhook {
namespace {

[[noreturn]] void fail(const YAML::Mark& mark, const std::string& message) {
  throw YAML::ParserException(mark, message);
}

[[noreturn]] void fail_too_deep(const YAML::Mark& mark) {
  fail(mark, fmt::format("nested deeper than {} levels", kMaxYamlDepth));
}

}  // namespace

TextPosition to_position(const YAML::Mark& mark, const TextPositions& positions) {
  return positions.at(mark.line, static_cast<std::size_t>(mark.pos),
                      static_cast<std::size_t>(mark.column));
}

void YamlTree::OnDocumentStart(const YAML::Mark&) {
  nodes_.clear();
  anchors_.clear();
  open_.clear();
  root_ = nullptr;
  expansion_ = 0;
}

void YamlTree::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  // yaml-cpp forgets the tag of an empty or null scalar: `!!str null` and `!!str` are strings.
  const std::string_view rest =
      text_.substr(std::min(static_cast<std::size_t>(mark.pos), text_.size()));
  const bool is_string = rest.starts_with("!!str");
  Node& node = make_node(Node::Kind::kScalar, mark, anchor);
  node.is_plain = !is_string;
  node.scalar.kind = is_string ? YamlScalar::Kind::kString : YamlScalar::Kind::kNull;
  if (is_string) {
    const std::size_t start = std::min(rest.find_first_not_of(' ', 5), rest.size());
    const std::string_view word =
        rest.substr(start, rest.find_first_of(" \t\r\n,}]", start) - start);
    const auto plain = resolve_plain_scalar(word);
    if (plain && plain->kind == YamlScalar::Kind::kNull) node.scalar.text = word;
  } else {
    node.scalar.text = "null";
  }
  place(node, mark, false);
}

void YamlTree::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) fail(mark, "the alias refers to no anchor of this document");
  if (found->second->is_open) fail(mark, "the alias refers to a value that contains it");
  place(*found->second, mark, true);
}

void YamlTree::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                        const std::string& value) {
  auto scalar = resolve_scalar(tag, value);
  if (!scalar) fail(mark, scalar.error().message);
  Node& node = make_node(Node::Kind::kScalar, mark, anchor);
  node.scalar = std::move(*scalar);
  node.is_plain = tag == "?";
  place(node, mark, false);
}

void YamlTree::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                               YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(Node::Kind::kSequence, mark, tag, anchor);
}

void YamlTree::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                          YAML::EmitterStyle::value) {
  open(Node::Kind::kMap, mark, tag, anchor);
}

void YamlTree::OnMapEnd() {
  merge_into(*open_.back());
  close();
}

YamlTree::Node& YamlTree::make_node(Node::Kind kind, const YAML::Mark& mark,
                                    YAML::anchor_t anchor) {
  Node& node = nodes_.emplace_back();
  node.kind = kind;
  node.mark = mark;
  if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
  return node;
}

void YamlTree::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
                    YAML::anchor_t anchor) {
  const std::string_view expected =
      kind == Node::Kind::kMap ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
  if (tag != "?" && tag != "!" && !tag.empty() && tag != expected) {
    fail(mark, fmt::format("the tag {} is not supported here", tag));
  }
  if (open_.size() >= static_cast<std::size_t>(kMaxYamlDepth)) fail_too_deep(mark);
  Node& node = make_node(kind, mark, anchor);
  place(node, mark, false);
  node.is_open = true;
  open_.push_back(&node);
}

void YamlTree::place(const Node& node, const YAML::Mark& mark, bool is_alias) {
  if (open_.empty()) {
    root_ = &node;
    return;
  }
  Node& parent = *open_.back();
  if (parent.kind == Node::Kind::kSequence) {
    parent.entries.push_back({"", mark, mark, &node, is_alias, false});
    return;
  }
  if (!parent.pending) {
    Entry entry = make_key(node, mark);
    if (!entry.is_merge) {
      const auto [first, is_new] = parent.keys.emplace(entry.key, mark);
      if (!is_new) {
        fail(mark, fmt::format("the key \"{}\" is given twice, first in line {}", entry.key,
                               first->second.line + 1));
      }
    }
    parent.pending = std::move(entry);
    return;
  }
  Entry entry = std::move(*parent.pending);
  parent.pending.reset();
  entry.value = &node;
  entry.is_copy = is_alias;
  // The mark of an empty value is that of whatever comes after it.
  const bool is_null =
      node.kind == Node::Kind::kScalar && node.scalar.kind == YamlScalar::Kind::kNull;
  entry.mark = is_null ? entry.key_mark : mark;
  parent.entries.push_back(std::move(entry));
}

YamlTree::Entry YamlTree::make_key(const Node& node, const YAML::Mark& mark) {
  if (node.kind != Node::Kind::kScalar) fail(mark, "expected a scalar as a key");
  if (node.scalar.kind == YamlScalar::Kind::kNull) fail(mark, "expected a key, found null");
  const bool is_merge = node.is_plain && node.scalar.text == "<<";
  return {node.scalar.text, mark, mark, nullptr, false, is_merge};
}

void YamlTree::merge_into(Node& map) {
  std::vector<Entry> entries;
  entries.swap(map.entries);
  std::vector<Entry> merges;
  for (Entry& entry : entries) {
    (entry.is_merge ? merges : map.entries).push_back(std::move(entry));
  }
  for (const Entry& merge : merges) {
    const Node& source = *merge.value;
    if (source.kind == Node::Kind::kMap) {
      merge_map(map, merge, source);
    } else if (source.kind == Node::Kind::kSequence) {
      for (const Entry& element : source.entries) merge_map(map, merge, *element.value);
    } else {
      fail(merge.key_mark, "the merge key << needs a map or a list of maps");
    }
  }
}

void YamlTree::merge_map(Node& map, const Entry& merge, const Node& source) {
  if (source.kind != Node::Kind::kMap) {
    fail(merge.key_mark, "the merge key << needs a map or a list of maps");
  }
  for (const Entry& entry : source.entries) {
    // The map's own keys win, and among merged maps the first.
    if (!map.keys.emplace(entry.key, entry.key_mark).second) continue;
    spend(entry.key.size() + 4, merge.key_mark);
    Entry copy = entry;
    copy.is_copy = true;
    map.entries.push_back(std::move(copy));
  }
}

void YamlTree::spend(std::size_t bytes, const YAML::Mark& mark) {
  expansion_ += bytes;
  if (expansion_ > kMaxYamlExpansion) {
    fail(mark, fmt::format("aliases expand to more than {} bytes", kMaxYamlExpansion));
  }
}

void YamlTree::write(const Node& node, const YAML::Mark& mark, int depth, bool is_copy,
                     YamlDocument& out) {
  if (depth > kMaxYamlDepth) fail_too_deep(mark);
  out.positions.emplace(pointer_, to_position(mark, text_positions_));
  if (node.kind == Node::Kind::kScalar) {
    if (is_copy) spend(node.scalar.text.size() + 4, mark);
    const bool is_string = node.scalar.kind == YamlScalar::Kind::kString;
    out.json += is_string ? nlohmann::json(node.scalar.text).dump() : node.scalar.text;
    return;
  }
  const bool is_map = node.kind == Node::Kind::kMap;
  const std::size_t pointer_size = pointer_.size();
  out.json += is_map ? '{' : '[';
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const Entry& entry = node.entries[i];
    const bool entry_is_copy = is_copy || entry.is_copy;
    if (entry_is_copy) spend(entry.key.size() + 4, entry.mark);
    if (i > 0) out.json += ',';
    append_pointer_key(pointer_, is_map ? entry.key : std::to_string(i));
    if (is_map) {
      out.json += nlohmann::json(entry.key).dump();
      out.json += ':';
      out.key_positions.emplace(pointer_, to_position(entry.key_mark, text_positions_));
    }
    write(*entry.value, entry.mark, depth + 1, entry_is_copy, out);
    pointer_.resize(pointer_size);
  }
  out.json += is_map ? '}' : ']';
}

std::optional<YamlDocument> YamlTree::take_document() {
  if (root_ == nullptr) return std::nullopt;
  if (root_->kind == Node::Kind::kScalar && root_->scalar.kind == YamlScalar::Kind::kNull) {
    return std::nullopt;
  }
  YamlDocument document;
  pointer_.clear();
  write(*root_, root_->mark, 0, false, document);
  return document;
}

}  // namespace cvm::webhook
