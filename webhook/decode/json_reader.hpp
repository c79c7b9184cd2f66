// JsonReader: reads a simdjson DOM into structs, one pass over each object, by tables of fields.
//
// Null is absent. What no table names is skipped on simdjson's tape. A wrong type, a duplicate key
// among the fields that are read, or a value out of range is a failure that says where, what was
// expected and what was found. It stops the reading, or counts as absent, as the reader is told.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "webhook/decode/json_path.hpp"

namespace cvm::webhook {

using JsonValue = simdjson::dom::element;

// "a string", "a number", "null"...: what a value is, for messages.
std::string_view type_name(JsonValue value);

class JsonReader;

// One field of the object that a T is read from.
template <typename T>
struct JsonField {
  std::string_view key;
  bool (*read)(JsonReader& reader, JsonValue value, const JsonPath& path, T& out);
};

// Specialised for every struct that is read: `static constexpr JsonField<T> kFields[]`, and, when
// fields that are not in the table matter,
// `static void other(std::string_view key, JsonValue value, T& out)`.
template <typename T>
struct JsonSchema;

template <typename T>
concept KeepsOtherFields = requires(std::string_view key, JsonValue value, T& out) {
  JsonSchema<T>::other(key, value, out);
};

class JsonReader {
 public:
  // Memory that one review may take once read. A body of a few MiB can list a million empty
  // objects; a real pod needs some KiB.
  static constexpr std::size_t kMemoryBudget = std::size_t{32} << 20;

  enum class Mistakes { kStop, kSkip };

  explicit JsonReader(Arena* arena, Mistakes mistakes = Mistakes::kStop)
      : arena_(arena), mistakes_(mistakes) {}

  Arena* arena() const { return arena_; }
  // What went wrong first; empty while nothing did.
  const std::string& failure() const { return failure_; }

  // All read functions return false when the reading stops. `value` is never null but in lists and
  // maps, where null is the zero value, as the API server reads it.
  bool read(JsonValue value, const JsonPath& path, std::string_view& out);
  bool read(JsonValue value, const JsonPath& path, bool& out);
  bool read(JsonValue value, const JsonPath& path, std::optional<bool>& out);
  bool read(JsonValue value, const JsonPath& path, std::optional<std::int64_t>& out);
  bool read(JsonValue value, const JsonPath& path, KeyValues& out);
  bool read(JsonValue value, const JsonPath& path, std::pmr::vector<std::string_view>& out);

  // An array of objects.
  template <typename T>
  bool read(JsonValue value, const JsonPath& path, std::pmr::vector<T>& out) {
    simdjson::dom::array items;
    if (value.get(items) != simdjson::SUCCESS) return wrong_type(path, "an array", value);
    if (!reserve(items.size(), path, out)) return false;
    std::size_t index = 0;
    for (const JsonValue item : items) {
      T* element = nullptr;
      if constexpr (std::is_constructible_v<T, Arena*>) {
        element = &out.emplace_back(arena_);
      } else {
        element = &out.emplace_back();
      }
      if (!item.is_null() && !read_object(item, path.item(index), *element)) return false;
      ++index;
    }
    return true;
  }

  // Resource quantities: a string, or a number as people write it in YAML, which becomes its text.
  bool read_quantity(JsonValue value, const JsonPath& path, std::string_view& out);
  bool read_quantities(JsonValue value, const JsonPath& path, KeyValues& out);

  // An object, by JsonSchema<T>.
  template <typename T>
  bool read_object(JsonValue value, const JsonPath& path, T& out) {
    constexpr auto& fields = JsonSchema<T>::kFields;
    static_assert(std::size(fields) <= 32);
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return wrong_type(path, "an object", value);
    std::uint32_t seen = 0;
    for (const auto [key, member] : object) {
      std::size_t index = 0;
      while (index < std::size(fields) && !is_key(fields[index].key, key)) ++index;
      if (index == std::size(fields)) {
        if constexpr (KeepsOtherFields<T>) {
          if (!member.is_null()) JsonSchema<T>::other(key, member, out);
        }
        continue;
      }
      if ((seen & (std::uint32_t{1} << index)) != 0) {
        if (!duplicate(path.field(key))) return false;
        continue;
      }
      seen |= std::uint32_t{1} << index;
      if (member.is_null()) continue;
      if (!fields[index].read(*this, member, path.field(key), out)) return false;
    }
    return true;
  }

  // Record a failure; returns whether the reading goes on.
  bool wrong_type(const JsonPath& path, std::string_view expected, JsonValue found);
  bool wrong_value(const JsonPath& path, std::string_view expected, std::string_view found);
  bool missing(const JsonPath& path, std::string_view expected);
  bool duplicate(const JsonPath& path);

 private:
  // Most keys of equal length differ at once; a call of memcmp for each would show.
  static bool is_key(std::string_view field, std::string_view key) {
    return field.size() == key.size() && field.front() == key.front() && field == key;
  }
  template <typename Vector>
  bool reserve(std::size_t count, const JsonPath& path, Vector& out) {
    if (!charge(count * sizeof(typename Vector::value_type), path)) return false;
    out.reserve(count);
    return true;
  }
  bool charge(std::size_t bytes, const JsonPath& path);
  bool read_string_or_null(JsonValue value, const JsonPath& path, std::string_view& out);
  bool refuse_duplicates(const KeyValues& entries, const JsonPath& path);
  template <typename ReadValue>
  bool read_entries(JsonValue value, const JsonPath& path, KeyValues& out, ReadValue read_value);

  Arena* arena_;
  Mistakes mistakes_;
  std::size_t charged_ = 0;
  std::string failure_;
};

// A key as a template's argument, so that it has static storage.
template <std::size_t kSize>
struct FieldName {
  char text[kSize];
  // NOLINTNEXTLINE(google-explicit-constructor): made from a literal between angle brackets
  constexpr FieldName(const char (&literal)[kSize]) { std::copy_n(literal, kSize, text); }
  constexpr std::string_view view() const { return {text, kSize - 1}; }
};

// Table entry for a member that JsonReader::read knows how to read.
template <auto Member, typename T>
bool read_member(JsonReader& reader, JsonValue value, const JsonPath& path, T& out) {
  return reader.read(value, path, out.*Member);
}

// A nested object whose fields `Whole` keeps flat, such as a pod's metadata; `Section` only tells
// the schemas of several parts apart.
template <typename Whole, typename Section>
struct PartOf {
  Whole& whole;
};

// Table entry, in a part's schema, for a member of the whole.
template <auto Member, typename Part>
bool read_flat(JsonReader& reader, JsonValue value, const JsonPath& path, Part& part) {
  return reader.read(value, path, part.whole.*Member);
}

// Table entry, in a part's schema, for a part of the same whole inside it.
template <typename Inner, typename Part>
bool read_inner(JsonReader& reader, JsonValue value, const JsonPath& path, Part& part) {
  Inner inner{part.whole};
  return reader.read_object(value, path, inner);
}

}  // namespace cvm::webhook
