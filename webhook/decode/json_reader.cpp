#include "webhook/decode/json_reader.hpp"

#include <algorithm>
#include <charconv>

#include "policies/model/text.hpp"

namespace cvm::webhook {

std::string JsonPath::to_string() const {
  if (parent_ == nullptr) return std::string(key_);
  std::string text = parent_->to_string();
  switch (step_) {
    case Step::kField:
      return text.append(".").append(key_);
    case Step::kItem:
      return text.append("[").append(std::to_string(index_)).append("]");
    case Step::kEntry:
      break;
  }
  return text.append("[\"").append(readable(key_)).append("\"]");
}

std::string_view type_name(JsonValue value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      break;
  }
  return "null";
}

bool JsonReader::read(JsonValue value, const JsonPath& path, std::string_view& out) {
  if (value.get(out) != simdjson::SUCCESS) return wrong_type(path, "a string", value);
  return true;
}

bool JsonReader::read(JsonValue value, const JsonPath& path, bool& out) {
  if (value.get(out) != simdjson::SUCCESS) return wrong_type(path, "a boolean", value);
  return true;
}

bool JsonReader::read(JsonValue value, const JsonPath& path, std::optional<bool>& out) {
  if (value.get(out.emplace()) == simdjson::SUCCESS) return true;
  out.reset();
  return wrong_type(path, "a boolean", value);
}

bool JsonReader::read(JsonValue value, const JsonPath& path, std::optional<std::int64_t>& out) {
  const simdjson::error_code error = value.get(out.emplace());
  if (error == simdjson::SUCCESS) return true;
  out.reset();
  if (error == simdjson::NUMBER_OUT_OF_RANGE) {
    return wrong_value(path, "a 64-bit signed integer", "a number out of its range");
  }
  if (value.is_double()) return wrong_value(path, "an integer", "a fraction");
  return wrong_type(path, "an integer", value);
}

bool JsonReader::read(JsonValue value, const JsonPath& path,
                      std::pmr::vector<std::string_view>& out) {
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) return wrong_type(path, "an array", value);
  if (!reserve(items.size(), path, out)) return false;
  for (const JsonValue item : items) {
    const std::size_t index = out.size();
    if (!read_string_or_null(item, path.item(index), out.emplace_back())) return false;
  }
  return true;
}

bool JsonReader::read(JsonValue value, const JsonPath& path, KeyValues& out) {
  return read_entries(value, path, out,
                      [this](JsonValue entry, const JsonPath& where, std::string_view& text) {
                        return read_string_or_null(entry, where, text);
                      });
}

bool JsonReader::read_quantities(JsonValue value, const JsonPath& path, KeyValues& out) {
  return read_entries(value, path, out,
                      [this](JsonValue entry, const JsonPath& where, std::string_view& text) {
                        return entry.is_null() || read_quantity(entry, where, text);
                      });
}

bool JsonReader::read_quantity(JsonValue value, const JsonPath& path, std::string_view& out) {
  if (value.get(out) == simdjson::SUCCESS) return true;
  if (!value.is_number()) return wrong_type(path, "a quantity (a string or a number)", value);
  constexpr std::size_t kLongest = 32;  // of a 64-bit number in its shortest form
  if (!charge(kLongest, path)) return false;
  auto* const begin = static_cast<char*>(arena_->allocate(kLongest, 1));
  std::to_chars_result end{};
  if (value.is_int64()) {
    end = std::to_chars(begin, begin + kLongest, std::int64_t{value});
  } else if (value.is_uint64()) {
    end = std::to_chars(begin, begin + kLongest, std::uint64_t{value});
  } else {
    end = std::to_chars(begin, begin + kLongest, double{value});
  }
  out = std::string_view(begin, static_cast<std::size_t>(end.ptr - begin));
  return true;
}

template <typename ReadValue>
bool JsonReader::read_entries(JsonValue value, const JsonPath& path, KeyValues& out,
                              ReadValue read_value) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong_type(path, "an object", value);
  if (!reserve(object.size(), path, out)) return false;
  for (const auto [key, member] : object) {
    KeyValue& entry = out.emplace_back(KeyValue{key, {}});
    if (!read_value(member, path.entry(key), entry.value)) return false;
  }
  return refuse_duplicates(out, path);
}

bool JsonReader::refuse_duplicates(const KeyValues& entries, const JsonPath& path) {
  constexpr std::size_t kFewEnoughToCompareAll = 16;
  if (entries.size() <= kFewEnoughToCompareAll) {
    for (std::size_t i = 1; i < entries.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (entries[i].key == entries[j].key) return duplicate(path.entry(entries[i].key));
      }
    }
    return true;
  }
  std::pmr::vector<std::string_view> keys(arena_);
  if (!reserve(entries.size(), path, keys)) return false;
  for (const KeyValue& entry : entries) keys.push_back(entry.key);
  std::sort(keys.begin(), keys.end());
  const auto repeated = std::adjacent_find(keys.begin(), keys.end());
  return repeated == keys.end() || duplicate(path.entry(*repeated));
}

bool JsonReader::read_string_or_null(JsonValue value, const JsonPath& path, std::string_view& out) {
  return value.is_null() || read(value, path, out);
}

bool JsonReader::charge(std::size_t bytes, const JsonPath& path) {
  charged_ += bytes;
  if (charged_ <= kMemoryBudget) return true;
  wrong_value(path, "lists that take at most 32 MiB once read", "more");
  return false;
}

bool JsonReader::wrong_type(const JsonPath& path, std::string_view expected, JsonValue found) {
  return wrong_value(path, expected, type_name(found));
}

bool JsonReader::wrong_value(const JsonPath& path, std::string_view expected,
                             std::string_view found) {
  const bool goes_on = mistakes_ == Mistakes::kSkip;
  if (goes_on && !failure_.empty()) return true;
  failure_ = path.to_string();
  failure_.append(": expected ").append(expected).append(", found ").append(readable(found));
  return goes_on;
}

bool JsonReader::missing(const JsonPath& path, std::string_view expected) {
  return wrong_value(path, expected, "nothing");
}

bool JsonReader::duplicate(const JsonPath& path) {
  return wrong_value(path, "one value", "the key twice");
}

}  // namespace cvm::webhook
