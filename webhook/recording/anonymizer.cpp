#include "webhook/recording/anonymizer.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace cvm::webhook {
namespace {

using Json = Anonymizer::Json;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kReplacementBytes = 5;
// Shorter ones would be words of anything.
constexpr std::size_t kShortestName = 3;
constexpr std::string_view kSystem = "system:";

template <typename Texts>
bool contains(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// Decisions read them (policies/).
bool is_kept_annotation(std::string_view key) {
  constexpr std::array<std::string_view, 4> kPrefixes = {
      "cvm-webhook.io/", "container.apparmor.security.beta.kubernetes.io/", "io.kubernetes.cri-o.",
      "pod-security.kubernetes.io/"};
  return key == "kubectl.kubernetes.io/default-container" ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [key](std::string_view prefix) { return key.starts_with(prefix); });
}

// Words of the API itself, whatever a user is called.
bool is_structure(std::string_view key) {
  constexpr std::array<std::string_view, 12> kKeys = {
      "apiVersion", "kind",        "operation",   "group",           "version",
      "resource",   "subResource", "requestKind", "requestResource", "requestSubResource",
      "uid",        "userInfo"};
  return contains(kKeys, key);
}

bool is_word_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

bool is_own_name(std::string_view text) { return text.starts_with("cvm-"); }

// Of an object that names a person in a label: "com.coder.user.username", "owner".
bool is_about_person(std::string key) {
  key.erase(0, key.find_last_of("./") + 1);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char character) { return std::tolower(character); });
  constexpr std::array<std::string_view, 6> kWords = {"user",  "username",   "user-name",
                                                      "owner", "created-by", "email"};
  return contains(kWords, key);
}

void add_name(const std::string& name, std::vector<std::string>& names) {
  if (name.size() >= kShortestName && !name.starts_with(kSystem) && !contains(names, name)) {
    names.push_back(name);
  }
}

void find_labelled_names(const Json& value, std::vector<std::string>& names) {
  if (!value.is_structured()) return;
  for (const auto& [key, member] : value.items()) {
    if (value.is_object() && key == "labels" && member.is_object()) {
      for (const auto& [label, text] : member.items()) {
        if (text.is_string() && is_about_person(label)) {
          add_name(text.get_ref<const std::string&>(), names);
        }
      }
    } else {
      find_labelled_names(member, names);
    }
  }
}

// Longest first: "alice@example.com" before "alice".
std::vector<std::string> names_of_people(const Json& review) {
  std::vector<std::string> names;
  const Json::json_pointer user("/request/userInfo/username");
  if (review.contains(user) && review.at(user).is_string()) {
    const std::string name = review.at(user);
    add_name(name, names);
    if (const std::size_t at = name.find('@'); at != std::string::npos) {
      add_name(name.substr(0, at), names);
    }
  }
  find_labelled_names(review, names);
  std::sort(names.begin(), names.end(), [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() > other.size() : one < other;
  });
  return names;
}

}  // namespace

Anonymizer::Anonymizer() : key_(kKeyBytes, '\0') {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), static_cast<int>(key_.size())) !=
      1) {
    throw std::runtime_error("the system gives no random numbers");
  }
}

void Anonymizer::anonymize(Json& review) const {
  const std::vector<std::string> names = names_of_people(review);
  if (const Json::json_pointer user("/request/userInfo"); review.contains(user)) {
    replace_user(review.at(user));
  }
  if (const Json::json_pointer response("/response");
      review.contains(response) && review.at(response).is_object()) {
    review.at(response).erase("patch");
    review.at(response).erase("patchType");
  }
  replace_values(review);
  replace_names(review, names);
}

std::string Anonymizer::replacement(std::string_view kind, std::string_view text) const {
  if (text.empty()) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &size) == nullptr) {
    throw std::runtime_error("a text could not be hashed");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result(kind);
  result += '-';
  for (std::size_t index = 0; index < kReplacementBytes; ++index) {
    result += kDigits[digest[index] >> 4U];
    result += kDigits[digest[index] & 15U];
  }
  return result;
}

std::string Anonymizer::replacement_with_references(std::string_view text) const {
  std::string result = replacement("value", text);
  for (std::size_t at = 0; (at = text.find("$(", at)) != std::string_view::npos;) {
    const std::size_t end = text.find(')', at);
    if (end == std::string_view::npos) break;
    result += text.substr(at, end + 1 - at);
    at = end;
  }
  return result;
}

void Anonymizer::replace_user(Json& user) const {
  if (!user.is_object()) return;
  user.erase("uid");
  user.erase("extra");
  const auto replace = [this](Json& name, std::string_view kind) {
    if (!name.is_string()) return;
    const std::string& text = name.get_ref<const std::string&>();
    if (!text.starts_with(kSystem)) name = replacement(kind, text);
  };
  if (user.contains("username")) replace(user["username"], "user");
  if (!user.contains("groups") || !user["groups"].is_array()) return;
  for (Json& group : user["groups"]) replace(group, "group");
}

void Anonymizer::replace_annotations(Json& annotations) const {
  if (!annotations.is_object()) return;
  annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
  for (const auto& [key, value] : annotations.items()) {
    if (value.is_string() && !is_kept_annotation(key)) {
      value = replacement("value", value.get_ref<const std::string&>());
    }
  }
}

void Anonymizer::replace_words(Json& words, std::size_t first) const {
  if (!words.is_array()) return;
  for (std::size_t index = first; index < words.size(); ++index) {
    Json& word = words[index];
    if (word.is_string()) word = replacement_with_references(word.get_ref<const std::string&>());
  }
}

void Anonymizer::replace_members(Json& object) const {
  for (Json& member : object) {
    if (member.is_string()) member = replacement("value", member.get_ref<const std::string&>());
  }
}

void Anonymizer::replace_values(Json& value) const {
  if (value.is_array()) {
    for (Json& item : value) replace_values(item);
    return;
  }
  if (!value.is_object()) return;
  value.erase("managedFields");
  for (const auto& [key, member] : value.items()) {
    if (key == "annotations") {
      replace_annotations(member);
    } else if (key == "command") {
      replace_words(member, 1);
    } else if (key == "args") {
      replace_words(member, 0);
    } else if ((key == "env" || key == "httpHeaders") && member.is_array()) {
      for (Json& variable : member) {
        if (!variable.is_object() || !variable.contains("value")) continue;
        Json& text = variable["value"];
        if (text.is_string()) {
          text = replacement_with_references(text.get_ref<const std::string&>());
        }
      }
    } else if (key == "volumeAttributes") {
      replace_members(member);
    } else if (key == "flexVolume" && member.contains("options")) {
      replace_members(member["options"]);
    } else {
      replace_values(member);
    }
  }
}

void Anonymizer::replace_names(Json& value, const std::vector<std::string>& names) const {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (!is_structure(key)) replace_names(member, names);
    }
  } else if (value.is_array()) {
    for (Json& item : value) replace_names(item, names);
  } else if (value.is_string() && !is_own_name(value.get_ref<const std::string&>())) {
    std::string text = value;
    for (const std::string& name : names) {
      for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
        const std::size_t end = at + name.size();
        const bool is_word = (at == 0 || !is_word_character(text[at - 1])) &&
                             (end == text.size() || !is_word_character(text[end]));
        if (!is_word) {
          ++at;
          continue;
        }
        const std::string user = replacement("user", name);
        text.replace(at, name.size(), user);
        at += user.size();
      }
    }
    value = text;
  }
}

}  // namespace cvm::webhook
