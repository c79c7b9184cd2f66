// DocumentValue: one value of a settings file, a suite or another document while it is read, with
// its path and its place.
//
// Readers add a mistake and leave `out` alone when the value is not what is expected, so that one
// pass finds every mistake. A null is an absent value.
//
// A value that records stands for every value that could be there: readers find nothing in it, and
// what they expect is noted as a JSON Schema, with what they would leave as it is for the default.
// So what the loader reads, what editors are told and what is documented is one declaration.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "webhook/formats/document_reading.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {

// What a reader knows of the keys of a map. Editors are told; the loader leaves it to the reader.
struct EntryKeys {
  std::vector<std::string_view> known = {};
  bool others = true;  // that it takes more of the same kind
};

// What is said of a key beside what its reader takes.
struct About {
  std::string_view text = {};       // a sentence or two
  std::string_view details = {};    // more of them, for documents
  std::string_view only_with = {};  // "mode: supervised": it has no effect without
};

class DocumentValue {
 public:
  // `document` and `result` must outlive the value and all that are made from it.
  DocumentValue(const nlohmann::json& json, const YamlDocument& document, DocumentReading& result)
      : json_(json), document_(document), result_(result) {}

  // One that records into `schema`, which must outlive it and all that are made from it.
  static DocumentValue recording(nlohmann::ordered_json& schema, const YamlDocument& document,
                                 DocumentReading& result);
  bool is_recording() const { return schema_ != nullptr; }

  using Reader = std::function<void(const DocumentValue& value)>;
  struct Field {
    Field(std::string_view key, Reader reader) : name(key), read(std::move(reader)) {}
    Field(std::string_view key, std::string_view text, Reader reader)
        : Field(key, About{.text = text}, std::move(reader)) {}
    Field(std::string_view key, About said, Reader reader)
        : name(key), about(said), read(std::move(reader)) {}

    std::string_view name;
    About about;
    Reader read;
  };

  // A map with these keys at most; calls the readers of those that are there. `others`: keys that
  // may be there as well, and that are read in another way.
  void read_fields(std::initializer_list<Field> fields,
                   std::span<const std::string_view> others = {}) const;
  using EntryReader = std::function<void(const std::string& key, const DocumentValue& value)>;
  // A map with any keys.
  void read_entries(const EntryReader& read, const EntryKeys& keys = {}) const;
  void read_elements(const Reader& read) const;

  void read(bool& out) const;
  void read(std::string& out) const;
  void read(std::vector<std::string>& out) const;

  // A string that passes `check`; `what` says what that is. False when it was a mistake.
  bool read_checked(std::string& out, bool (*check)(std::string_view text),
                    std::string_view what) const;

  // One of several words. False when it was a mistake.
  template <typename T>
  bool read_choice(T& out, std::initializer_list<std::pair<std::string_view, T>> choices) const {
    std::vector<std::string_view> words;
    for (const auto& choice : choices) {
      words.push_back(choice.first);
      if (choice.second == out) defaults_to(choice.first);
    }
    const std::size_t chosen = choose(words);
    if (chosen == choices.size()) return false;
    out = std::next(choices.begin(), chosen)->second;
    return true;
  }

  void read_word(std::string& out, std::initializer_list<std::string_view> words) const;

  // The position of the string among `words`, else a mistake and words.size().
  std::size_t choose(std::span<const std::string_view> words) const;

  // Whether there is a map: what a reader of more than one kind of value asks.
  void read_map_or_else(const Reader& map, const Reader& other) const;
  // Whether there is a map; a mistake otherwise.
  bool expect_map() const { return expect(json_.is_object(), "a map"); }
  // A mistake where this is a map without that key.
  void require(std::string_view key, std::string message) const;

  // For readers that look at json(): what they expect, as JSON Schema.
  void describe(const nlohmann::ordered_json& schema) const;
  // What holds where the value is absent. Nothing of the kind is known of the many values of a
  // list.
  void defaults_to(const nlohmann::ordered_json& value) const;
  // The same for a value that is taken beside the words of a choice.
  void also_takes(const nlohmann::ordered_json& value) const;
  // The reader passes over a null here, as read_fields() does where a key has a reader of its own.
  void may_be_nothing() const;
  // The words of the choice are those that are known beforehand: the file can name more.
  void may_be_another_word() const;

  // The value of that key; nothing where this is no map, or has no such value.
  std::optional<DocumentValue> find(const std::string& key) const;
  // Reads a key of read_fields() that had to wait until others were read.
  void read_later(const std::string& key, const Reader& read) const;

  // The same value, which mistakes in it and below call by this name as well as by its place:
  // "compatibility.clouds[0] (example): ..."; as it was where the name is empty.
  DocumentValue named(std::string_view name) const;

  // The same value under another path: "users[dev]" for "users[0]".
  DocumentValue called(std::string path) const;
  // The same value, of which and below which no string is repeated in what is said.
  DocumentValue secret() const;

  const nlohmann::json& json() const { return json_; }         // null where this records
  nlohmann::ordered_json& schema() const { return *schema_; }  // where this records
  const std::string& path() const { return path_; }
  const std::string& pointer() const { return pointer_; }  // JSON pointer in the document
  void add_mistake(std::string message) const;
  void add_key_mistake(std::string message) const;  // the place is the key's, not the value's
  void add_notice(const std::string& message) const;
  // "the number 5", "a list", "\"text\"": what stands in the file; "a string" where it is secret.
  std::string describe_found() const;

 private:
  DocumentValue(const DocumentValue& parent, const nlohmann::json& json, std::string path,
                std::string pointer)
      : json_(json),
        document_(parent.document_),
        result_(parent.result_),
        schema_(parent.schema_),
        one_of_many_(parent.one_of_many_),
        is_secret_(parent.is_secret_),
        path_(std::move(path)),
        pointer_(std::move(pointer)) {}

  DocumentValue member(const std::string& key) const;
  DocumentValue element(std::size_t index) const;
  DocumentValue recorded(nlohmann::ordered_json& schema) const;
  DocumentValue recorded_entry(nlohmann::ordered_json& schema) const;
  void record_type(std::string_view type) const;
  void record_fields(std::initializer_list<Field> fields) const;
  void record_entries(const EntryReader& read, const EntryKeys& keys) const;
  bool expect(bool holds, std::string_view expected) const;

  const nlohmann::json& json_;
  const YamlDocument& document_;
  DocumentReading& result_;
  nlohmann::ordered_json* schema_ = nullptr;  // null: the value is one of a file
  bool one_of_many_ = false;                  // where it records: in a list, or a map of any keys
  bool is_secret_ = false;
  std::string path_, pointer_;
};

}  // namespace cvm::webhook
