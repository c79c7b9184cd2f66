#include "webhook/formats/document_value.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/closest_name.hpp"
#include "policies/model/json_text.hpp"
#include "policies/model/text.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kLongestQuote = 80;

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

// "supervisor.image", "workspaces.selector.matchLabels[example.com/team]"
std::string join_path(const std::string& parent, const std::string& key) {
  if (parent.ends_with(')')) return fmt::format("{}: {}", parent, key);  // a value that has a name
  if (!is_plain_key(key)) return fmt::format("{}[{}]", parent, key);
  return parent.empty() ? key : fmt::format("{}.{}", parent, key);
}

}  // namespace

DocumentValue DocumentValue::member(const std::string& key) const {
  std::string pointer = pointer_;
  append_pointer_key(pointer, key);
  return DocumentValue(*this, json_.at(key), join_path(path_, key), std::move(pointer));
}

DocumentValue DocumentValue::element(std::size_t index) const {
  const std::string number = std::to_string(index);
  return DocumentValue(*this, json_.at(index), fmt::format("{}[{}]", path_, number),
                       fmt::format("{}/{}", pointer_, number));
}

std::optional<DocumentValue> DocumentValue::find(const std::string& key) const {
  if (!json_.is_object()) return std::nullopt;
  const auto found = json_.find(key);
  if (found == json_.end() || found->is_null()) return std::nullopt;
  return member(key);
}

DocumentValue DocumentValue::named(std::string_view name) const {
  const std::size_t begin = name.find_first_not_of(' ');
  if (begin == std::string_view::npos) return *this;
  name = name.substr(begin, name.find_last_not_of(' ') - begin + 1);
  return DocumentValue(*this, json_, fmt::format("{} ({})", path_, readable(name)), pointer_);
}

DocumentValue DocumentValue::called(std::string path) const {
  return DocumentValue(*this, json_, std::move(path), pointer_);
}

DocumentValue DocumentValue::secret() const {
  DocumentValue value = *this;
  value.is_secret_ = true;
  return value;
}

std::string DocumentValue::describe_found() const {
  switch (json_.type()) {
    case nlohmann::json::value_t::null:
      return "nothing";
    case nlohmann::json::value_t::object:
      return "a map";
    case nlohmann::json::value_t::array:
      return "a list";
    case nlohmann::json::value_t::string: {
      if (is_secret_) return "a string";
      const std::string text = json_.dump();
      return text.size() <= kLongestQuote ? text
                                          : fmt::format("a string of {} characters", text.size());
    }
    case nlohmann::json::value_t::boolean:
      return json_.dump();
    default:
      return is_secret_ ? "a number" : fmt::format("the number {}", json_.dump());
  }
}

void DocumentValue::add_mistake(std::string message) const {
  if (is_recording()) return;
  const TextPosition where = document_.position_of(pointer_);
  result_.mistakes.push_back({path_, std::move(message), where.line, where.column, pointer_});
}

void DocumentValue::add_key_mistake(std::string message) const {
  if (is_recording()) return;
  const TextPosition where = document_.key_position_of(pointer_);
  result_.mistakes.push_back({path_, std::move(message), where.line, where.column, pointer_});
}

void DocumentValue::add_notice(const std::string& message) const {
  if (is_recording()) return;
  result_.notices.push_back(path_.empty() ? message : fmt::format("{}: {}", path_, message));
}

bool DocumentValue::expect(bool holds, std::string_view expected) const {
  if (holds) return true;
  std::string message = fmt::format("expected {}, found {}", expected, describe_found());
  if (expected == "a string" && (json_.is_number() || json_.is_boolean())) message += "; quote it";
  add_mistake(std::move(message));
  return false;
}

void DocumentValue::read_fields(std::initializer_list<Field> fields,
                                std::span<const std::string_view> others) const {
  if (is_recording()) return record_fields(fields);
  if (!expect(json_.is_object(), "a map")) return;
  std::vector<std::string_view> names(others.begin(), others.end());
  for (const Field& field : fields) names.push_back(field.name);
  for (const auto& [key, json] : json_.items()) {
    const DocumentValue value = member(key);
    const auto known = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == key; });
    if (std::find(others.begin(), others.end(), key) != others.end()) continue;
    if (known == fields.end()) {
      value.add_key_mistake(fmt::format("unknown key{}", did_you_mean(key, names)));
    } else if (!json.is_null()) {
      known->read(value);
    }
  }
}

void DocumentValue::read_entries(const EntryReader& read, const EntryKeys& keys) const {
  if (is_recording()) return record_entries(read, keys);
  if (!expect(json_.is_object(), "a map")) return;
  for (const auto& entry : json_.items()) read(entry.key(), member(entry.key()));
}

void DocumentValue::read_elements(const Reader& read) const {
  if (is_recording()) {
    record_type("array");
    return read(recorded_entry((*schema_)["items"]));
  }
  if (!expect(json_.is_array(), "a list")) return;
  for (std::size_t i = 0; i < json_.size(); ++i) read(element(i));
}

void DocumentValue::read(bool& out) const {
  if (is_recording()) {
    defaults_to(out);
    return record_type("boolean");
  }
  if (expect(json_.is_boolean(), "true or false")) out = json_.get<bool>();
}

void DocumentValue::read(std::string& out) const {
  if (is_recording()) {
    defaults_to(out);
    return record_type("string");
  }
  if (expect(json_.is_string(), "a string")) out = json_.get<std::string>();
}

void DocumentValue::read(std::vector<std::string>& out) const {
  defaults_to(out);
  std::vector<std::string> texts;
  read_elements([&](const DocumentValue& item) { item.read(texts.emplace_back()); });
  if (json_.is_array()) out = std::move(texts);
}

bool DocumentValue::read_checked(std::string& out, bool (*check)(std::string_view),
                                 std::string_view what) const {
  if (is_recording()) {
    defaults_to(out);
    record_type("string");
    if (!check("")) (*schema_)["minLength"] = 1;
    (*schema_)["description"] = fmt::format("Expected: {}", what);
    return false;
  }
  if (!json_.is_string()) {
    expect(false, "a string");
    return false;
  }
  const auto& text = json_.get_ref<const std::string&>();
  if (!check(text)) return expect(false, what);
  out = text;
  return true;
}

void DocumentValue::read_word(std::string& out,
                              std::initializer_list<std::string_view> words) const {
  defaults_to(out);
  const std::size_t chosen = choose(std::span(words.begin(), words.size()));
  if (chosen < words.size()) out = std::string(std::data(words)[chosen]);
}

std::size_t DocumentValue::choose(std::span<const std::string_view> words) const {
  if (is_recording()) {
    (*schema_)["enum"] = std::vector<std::string>(words.begin(), words.end());
    return words.size();
  }
  if (json_.is_string()) {
    const auto& text = json_.get_ref<const std::string&>();
    const auto found = std::find(words.begin(), words.end(), text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    add_mistake(fmt::format("expected {}, found {}{}", list_words(words), describe_found(),
                            did_you_mean(text, words)));
  } else {
    add_mistake(fmt::format("expected {}, found {}", list_words(words), describe_found()));
  }
  return words.size();
}

}  // namespace cvm::webhook
