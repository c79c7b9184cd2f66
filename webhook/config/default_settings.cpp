#include "webhook/config/default_settings.hpp"

#include <fmt/format.h>

#include <string_view>

#include "webhook/config/settings_schema.hpp"
#include "webhook/formats/yaml_writer.hpp"

namespace cvm::webhook {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kFileWidth = 100;
constexpr std::size_t kStep = 2;  // spaces for each level

// A key that only holds others has no default of its own.
OrderedJson default_of(const OrderedJson& property) {
  if (property.contains("const")) return property["const"];
  if (property.contains("default")) return property["default"];
  OrderedJson map = OrderedJson::object();
  for (const auto& [key, inner] : property.at("properties").items()) map[key] = default_of(inner);
  return map;
}

void write_comment(std::string_view text, std::size_t indent, std::string& out) {
  const std::string begin = std::string(indent, ' ') + "#";
  std::string line = begin;
  for (text = text.substr(0, text.find('\n')); !text.empty();) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > kFileWidth && line != begin) {
      out += line + '\n';
      line = begin;
    }
    line.append(" ").append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += line + '\n';
}

// After `line`, which is "key:" or "-" and its indentation: on the same line, where there is room.
void write_default(const OrderedJson& value, std::string line, std::size_t indent,
                   std::string& out) {
  const std::string flow = write_on_one_line(value);
  if (!value.is_structured() || value.empty() || line.size() + 1 + flow.size() <= kFileWidth) {
    out += line + ' ' + flow + '\n';
    return;
  }
  const std::string below(indent + kStep, ' ');
  if (value.is_object()) {
    line += ' ';
    for (const auto& [key, inner] : value.items()) {
      write_default(inner, line + key + ':', indent + kStep, out);
      line = below;
    }
    return;
  }
  out += line + '\n';
  for (const OrderedJson& item : value) write_default(item, below + '-', indent + kStep, out);
}

void write_keys(const OrderedJson& map, std::size_t indent, std::string& out) {
  for (const auto& [key, property] : map.at("properties").items()) {
    const auto description = property.find("description");
    if (description != property.end()) {
      write_comment(description->get_ref<const std::string&>(), indent, out);
    }
    const std::string line = std::string(indent, ' ') + key + ':';
    if (property.contains("const") || property.contains("default")) {
      write_default(default_of(property), line, indent, out);
    } else {
      out += line + '\n';
      write_keys(property, indent + kStep, out);
    }
  }
}

std::string write_in_flow(const OrderedJson& scalar) {
  std::string text = write_yaml(scalar);
  text.pop_back();
  const bool is_plain = scalar.is_string() && text.front() != '"';
  return is_plain && text.find_first_of(",[]{}\n") != std::string::npos ? scalar.dump() : text;
}

}  // namespace

std::string write_on_one_line(const OrderedJson& value) {
  if (!value.is_structured()) return write_in_flow(value);
  std::string inner;
  for (const auto& [key, item] : value.items()) {
    if (!inner.empty()) inner += ", ";
    if (value.is_object()) inner += write_in_flow(key) + ": ";
    inner += write_on_one_line(item);
  }
  return value.is_object() ? fmt::format("{{{}}}", inner) : fmt::format("[{}]", inner);
}

OrderedJson default_settings() { return default_of(settings_schema()); }

std::string default_settings_file() {
  std::string file;
  write_keys(settings_schema(), 0, file);
  return file;
}

}  // namespace cvm::webhook
