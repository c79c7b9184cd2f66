// SettingsValue: one value of a settings file while it is read, with its path and its place.
//
// Readers add a mistake and leave `out` alone when the value is not what is expected, so that one
// pass finds every mistake. A null is an absent value.
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

#include "webhook/config/settings_file.hpp"
#include "webhook/config/yaml_json.hpp"

namespace cvm::webhook {

class SettingsValue {
 public:
  // `document` and `result` must outlive the value and all that are made from it.
  SettingsValue(const nlohmann::json& json, const YamlDocument& document, SettingsResult& result)
      : json_(json), document_(document), result_(result) {}

  using Reader = std::function<void(const SettingsValue& value)>;
  struct Field {
    std::string_view name;
    Reader read;
  };

  // A map with these keys at most; calls the readers of those that are there.
  void read_fields(std::initializer_list<Field> fields) const;
  // A map with any keys.
  void read_entries(
      const std::function<void(const std::string& key, const SettingsValue& value)>& read) const;
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
    for (const auto& choice : choices) words.push_back(choice.first);
    const std::size_t chosen = choose(words);
    if (chosen == choices.size()) return false;
    out = std::next(choices.begin(), chosen)->second;
    return true;
  }

  // The position of the string among `words`, else a mistake and words.size().
  std::size_t choose(std::span<const std::string_view> words) const;

  // The value of that key; nothing where this is no map, or has no such value.
  std::optional<SettingsValue> find(const std::string& key) const;

  // The same value, which mistakes in it and below call by this name as well as by its place:
  // "compatibility.clouds[0] (example): ..."; as it was where the name is empty.
  SettingsValue named(std::string_view name) const;

  const nlohmann::json& json() const { return json_; }
  const std::string& path() const { return path_; }
  const std::string& pointer() const { return pointer_; }  // JSON pointer in the document
  void add_mistake(std::string message) const;
  void add_key_mistake(std::string message) const;  // the place is the key's, not the value's
  void add_notice(const std::string& message) const;
  // "the number 5", "a list", "\"text\"": what stands in the file.
  std::string describe_found() const;

 private:
  SettingsValue(const SettingsValue& parent, const nlohmann::json& json, std::string path,
                std::string pointer)
      : json_(json),
        document_(parent.document_),
        result_(parent.result_),
        path_(std::move(path)),
        pointer_(std::move(pointer)) {}

  SettingsValue member(const std::string& key) const;
  SettingsValue element(std::size_t index) const;
  bool expect(bool holds, std::string_view expected) const;

  const nlohmann::json& json_;
  const YamlDocument& document_;
  SettingsResult& result_;
  std::string path_, pointer_;
};

// "a, b or c"
std::string list_words(std::span<const std::string_view> words);

}  // namespace cvm::webhook
