#include "webhook/formats/json_places.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "policies/model/json_text.hpp"

namespace cvm::webhook {
namespace {

class JsonLocator {
 public:
  JsonLocator(std::string_view text, int max_depth, YamlDocument& document)
      : text_(text), max_depth_(max_depth), document_(document) {}

  Result<void> run() {
    locate_value(0);
    if (!fault_.empty()) return Error{fault_};
    return {};
  }

 private:
  void advance() {
    if (text_[at_] == '\n') {
      ++here_.line;
      here_.column = 1;
    } else if (begins_character(text_[at_])) {
      ++here_.column;
    }
    ++at_;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      advance();
    }
  }

  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void fail(TextPosition where, std::string_view message) {
    fault_ = fmt::format("line {}, column {}: {}", where.line, where.column, message);
  }

  // The string's text with its quotes.
  std::string_view take_string() {
    const std::size_t start = at_;
    advance();
    while (text_[at_] != '"') {
      if (text_[at_] == '\\') advance();
      advance();
    }
    advance();
    return text_.substr(start, at_ - start);
  }

  void locate_value(int depth) {
    const char first = peek();
    document_.positions.emplace(pointer_, here_);
    if (first == '{' || first == '[') {
      if (depth >= max_depth_) {
        return fail(here_, fmt::format("nested deeper than {} levels", max_depth_));
      }
      return first == '{' ? locate_object(depth) : locate_array(depth);
    }
    if (first == '"') {
      take_string();
      return;
    }
    while (at_ < text_.size() &&
           std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) {
      advance();
    }
  }

  void locate_object(int depth) {
    advance();
    while (fault_.empty() && peek() != '}') {
      const TextPosition where = here_;
      const std::string_view quoted = take_string();
      const std::string key = quoted.find('\\') == std::string_view::npos
                                  ? std::string(quoted.substr(1, quoted.size() - 2))
                                  : nlohmann::json::parse(quoted).get<std::string>();
      const std::size_t length = pointer_.size();
      append_pointer_key(pointer_, key);
      if (!document_.key_positions.emplace(pointer_, where).second) {
        return fail(where, fmt::format("the key \"{}\" is given twice", key));
      }
      peek();
      advance();  // the colon
      locate_value(depth + 1);
      pointer_.resize(length);
      if (fault_.empty() && peek() == ',') advance();
    }
    if (fault_.empty()) advance();
  }

  void locate_array(int depth) {
    advance();
    for (std::size_t index = 0; fault_.empty() && peek() != ']'; ++index) {
      const std::size_t length = pointer_.size();
      pointer_ += '/' + std::to_string(index);
      locate_value(depth + 1);
      pointer_.resize(length);
      if (fault_.empty() && peek() == ',') advance();
    }
    if (fault_.empty()) advance();
  }

  std::string_view text_;
  int max_depth_;
  YamlDocument& document_;
  std::size_t at_ = 0;
  TextPosition here_;
  std::string pointer_;
  std::string fault_;
};

}  // namespace

Result<void> locate_json_values(std::string_view text, int max_depth, YamlDocument& document) {
  return JsonLocator(text, max_depth, document).run();
}

std::string field_to_pointer(std::string_view field) {
  std::string pointer;
  while (!field.empty()) {
    if (field.front() == '.') field.remove_prefix(1);
    if (field.starts_with('[')) {
      const std::size_t end = std::min(field.find(']'), field.size());
      std::string_view key = field.substr(1, end - 1);
      if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
        key = key.substr(1, key.size() - 2);
      }
      append_pointer_key(pointer, key);
      field.remove_prefix(std::min(end + 1, field.size()));
    } else {
      const std::size_t end = std::min(field.find_first_of(".["), field.size());
      append_pointer_key(pointer, field.substr(0, end));
      field.remove_prefix(end);
    }
  }
  return pointer;
}

}  // namespace cvm::webhook
