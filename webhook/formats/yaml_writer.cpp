#include "webhook/formats/yaml_writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "webhook/formats/yaml_scalar.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::ordered_json;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n') || c == 0x7f || c >= 0x80;
  });
}

// Digits with the marks of dates and times, which other readers of YAML 1.1 take for such.
bool looks_like_time(std::string_view text) {
  return text.find_first_not_of("0123456789:-+.TZ ") == std::string_view::npos;
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (has_control(text) || text.find('\n') != std::string_view::npos) return false;
  if (std::string_view("!&*-?|>@`%#,[]{}\"':=<~").find(text.front()) != std::string_view::npos)
    return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos)
    return false;
  const auto scalar = resolve_plain_scalar(text);
  return scalar && scalar->kind == YamlScalar::Kind::kString && !looks_like_time(text);
}

// Text that a literal block (|) keeps as it is.
bool is_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || has_control(text)) return false;
  if (text.front() == ' ' || text.front() == '\n' || text.ends_with("\n\n")) return false;
  return text.find(" \n") == std::string_view::npos && text.back() != ' ';
}

void write_value(const Json& value, std::size_t indent, bool after_dash, std::string& out);

void write_block(std::string_view text, std::size_t indent, std::string& out) {
  out += text.ends_with('\n') ? " |\n" : " |-\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.append(indent, ' ');
    out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// JSON's form of a string is YAML's double-quoted one, but for DEL, which YAML wants escaped.
std::string quote(const std::string& text) {
  std::string quoted = Json(text).dump();
  for (std::size_t at = quoted.find('\x7f'); at != std::string_view::npos;
       at = quoted.find('\x7f', at)) {
    quoted.replace(at, 1, "\\u007f");
  }
  return quoted;
}

std::string scalar_text(const Json& value) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return is_plain(text) ? text : quote(text);
}

void write_object(const Json& object, std::size_t indent, bool after_dash, std::string& out) {
  bool first = true;
  for (const auto& [key, value] : object.items()) {
    if (!first || !after_dash) out.append(indent, ' ');
    first = false;
    out += is_plain(key) ? key : quote(key);
    out += ':';
    // As kubectl does, a list below a key stands at the key's own indentation.
    write_value(value, value.is_array() ? indent : indent + 2, false, out);
  }
}

void write_array(const Json& array, std::size_t indent, std::string& out) {
  for (const Json& item : array) {
    out.append(indent, ' ');
    out += '-';
    write_value(item, indent + 2, true, out);
  }
}

// After "key:" or "-".
void write_value(const Json& value, std::size_t indent, bool after_dash, std::string& out) {
  if (value.is_structured() && !value.empty()) {
    // The items of a list in a list begin on a line of their own.
    out += after_dash && value.is_object() ? ' ' : '\n';
    if (value.is_object()) {
      write_object(value, indent, after_dash, out);
    } else {
      write_array(value, indent, out);
    }
  } else if (value.is_string() && is_block(value.get_ref<const std::string&>())) {
    write_block(value.get_ref<const std::string&>(), indent, out);
  } else {
    out += ' ';
    out += scalar_text(value);
    out += '\n';
  }
}

}  // namespace

std::string write_yaml(const nlohmann::ordered_json& value) {
  std::string out;
  if (value.is_object() && !value.empty()) {
    write_object(value, 0, false, out);
  } else if (value.is_array() && !value.empty()) {
    write_array(value, 0, out);
  } else {
    out = scalar_text(value) + "\n";
  }
  return out;
}

}  // namespace cvm::webhook
