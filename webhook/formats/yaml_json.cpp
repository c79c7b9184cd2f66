#include "webhook/formats/yaml_json.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <istream>
#include <optional>
#include <streambuf>

#include "webhook/formats/json_places.hpp"
#include "webhook/formats/yaml_tree.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string at_position(TextPosition where, std::string_view message) {
  return fmt::format("line {}, column {}: {}", where.line, where.column, message);
}

// yaml-cpp takes NUL and EOT for the end of the text and puts U+FFFD for what is not UTF-8; both
// would change what a document says without a word.
std::optional<std::string> find_unreadable_byte(std::string_view text) {
  int line = 1;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view row = text.substr(start, end - start);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto byte = static_cast<unsigned char>(row[i]);
      if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7f) {
        return at_position(TextPositions(row).at(line - 1, i, i),
                           "found a control character, expected printable text");
      }
    }
    if (!simdjson::validate_utf8(row.data(), row.size())) {
      return at_position({line, 1}, "found bytes that are not UTF-8");
    }
    start = end + 1;
  }
  return std::nullopt;
}

// JSON text is taken as it is: YAML knows no surrogate pairs, and would round what JSON keeps.
bool is_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return false;
  simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    // std::streambuf wants char*, and only reads through it here.
    char* start = const_cast<char*>(text.data());
    setg(start, start, start + text.size());
  }
};

Result<std::vector<YamlDocument>> parse_as_json(std::string_view text) {
  std::vector<YamlDocument> documents(1);
  documents[0].json = text;
  if (auto located = locate_json_values(text, kMaxYamlDepth, documents[0]); !located) {
    return located.error();
  }
  return documents;
}

Result<std::vector<YamlDocument>> parse_as_yaml(std::string_view text) {
  std::vector<YamlDocument> documents;
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    YamlTree tree(text);
    while (parser.HandleNextDocument(tree)) {
      if (auto document = tree.take_document()) documents.push_back(std::move(*document));
    }
  } catch (const YAML::Exception& error) {
    const TextPosition where =
        error.mark.is_null() ? TextPosition{} : to_position(error.mark, TextPositions(text));
    return Error{at_position(where, error.msg)};
  }
  return documents;
}

TextPosition nearest(const YamlDocument::Positions& positions, std::string_view pointer) {
  while (true) {
    if (const auto found = positions.find(pointer); found != positions.end()) return found->second;
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return {};
    pointer = pointer.substr(0, slash);
  }
}

}  // namespace

TextPosition YamlDocument::position_of(std::string_view pointer) const {
  return nearest(positions, pointer);
}

TextPosition YamlDocument::key_position_of(std::string_view pointer) const {
  const auto found = key_positions.find(pointer);
  return found != key_positions.end() ? found->second : position_of(pointer);
}

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (is_json(text)) return parse_as_json(text);
  if (auto fault = find_unreadable_byte(text)) return Error{std::move(*fault)};
  return parse_as_yaml(text);
}

TextPosition take_position(std::string& message) {
  TextPosition where;
  int length = 0;
  if (std::sscanf(message.c_str(), "line %d, column %d: %n", &where.line, &where.column, &length) !=
          2 ||
      length == 0) {
    return {};
  }
  message.erase(0, static_cast<std::size_t>(length));
  return where;
}

}  // namespace cvm::webhook
