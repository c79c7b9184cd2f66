#include "webhook/recording/anonymizer.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include "webhook/recording/words.hpp"

namespace cvm::webhook {
namespace {

using Json = Anonymizer::Json;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kReplacementBytes = 5;
constexpr std::size_t kLongestNamed = 4096;
constexpr std::string_view kSystem = "system:";

// Decisions read them (policies/).
bool is_kept_annotation(std::string_view key) {
  constexpr std::array<std::string_view, 4> kPrefixes = {
      "cvm-webhook.io/", "container.apparmor.security.beta.kubernetes.io/", "io.kubernetes.cri-o.",
      "pod-security.kubernetes.io/"};
  return key == "kubectl.kubernetes.io/default-container" ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [key](std::string_view prefix) { return key.starts_with(prefix); });
}

// Of a request: words of the API itself, whatever a user is called.
bool is_structure(std::string_view key) {
  constexpr std::array<std::string_view, 9> kKeys = {
      "uid",       "kind",        "resource",        "subResource",
      "operation", "requestKind", "requestResource", "requestSubResource",
      "userInfo"};
  return contains(kKeys, key);
}

// What is compared with nodes and with settings, in which nobody's name is replaced.
bool is_compared(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "apiVersion", "kind", "image", "nodeSelector", "affinity", "tolerations", "operator"};
  return contains(kKeys, key);
}

// As Kubernetes has them in $(NAME).
bool is_variable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
    return is_word_character(character) || character == '_' || character == '.' || character == '-';
  });
}

}  // namespace

Anonymizer::Anonymizer() : key_(kKeyBytes, '\0') {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), static_cast<int>(key_.size())) !=
      1) {
    throw std::runtime_error("the system gives no random numbers");
  }
}

void Anonymizer::anonymize(Json& review) {
  people_.learn(review);
  if (const Json::json_pointer user("/request/userInfo"); review.contains(user)) {
    replace_user(review.at(user));
  }
  if (!review.is_object()) return;
  if (review.contains("response")) keep_verdict(review["response"]);
  if (!review.contains("request") || !review["request"].is_object()) return;
  replace_values(review["request"]);
  for (const auto& [key, member] : review["request"].items()) {
    if (!is_structure(key)) replace_names(member);
  }
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
  for (std::size_t at = 0; (at = text.find('$', at)) != std::string_view::npos;) {
    const std::size_t end = text.find(')', at);
    if (text.substr(at, 2) == "$$") {
      at += 2;
    } else if (text.substr(at, 2) != "$(" || end == std::string_view::npos ||
               !is_variable_name(text.substr(at + 2, end - at - 2))) {
      ++at;  // a shell's own
    } else {
      result += text.substr(at, end + 1 - at);
      at = end;
    }
  }
  return result;
}

// Messages quote the pod.
void Anonymizer::keep_verdict(Json& response) {
  Json kept = Json::object();
  for (const char* key : {"uid", "allowed", "auditAnnotations"}) {
    if (response.is_object() && response.contains(key)) kept[key] = std::move(response[key]);
  }
  response = std::move(kept);
}

// "/bin/sh", "python3.11"; anything else may be a whole line for a shell.
static bool is_program(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char character) {
    return is_word_character(character) ||
           std::string_view("/._-").find(character) != std::string_view::npos;
  });
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

void Anonymizer::replace_words(Json& words, bool has_program) const {
  if (!words.is_array()) return;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (!words[index].is_string()) continue;
    const std::string word = words[index];
    if (index == 0 && has_program && is_program(word)) continue;
    words[index] = (word.starts_with('-') ? "-" : "") + replacement_with_references(word);
  }
}

void Anonymizer::replace_variables(Json& variables) const {
  if (!variables.is_array()) return;
  for (Json& variable : variables) {
    if (!variable.is_object() || !variable.contains("value")) continue;
    if (!variable["value"].is_string()) continue;
    const std::string text = variable["value"];
    // What Sysbox understands of its own variables decides (policies/rules/sysbox_variable.cpp).
    const bool is_sysbox = variable.contains("name") && variable["name"].is_string() &&
                           variable["name"].get_ref<const std::string&>().starts_with("SYSBOX_");
    if (is_sysbox && (text == "TRUE" || text == "FALSE")) continue;
    variable["value"] =
        (is_sysbox && text.starts_with('/') ? "/" : "") + replacement_with_references(text);
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
  value.erase("status");
  const auto replace_text = [this](Json& text) {
    if (text.is_string()) text = replacement("value", text.get_ref<const std::string&>());
  };
  for (const auto& [key, member] : value.items()) {
    if (key == "annotations") {
      replace_annotations(member);
    } else if (key == "command") {
      replace_words(member, true);
    } else if (key == "args") {
      replace_words(member, false);
    } else if (key == "env" || key == "httpHeaders") {
      replace_variables(member);
    } else if (key == "volumeAttributes") {
      replace_members(member);
    } else if (key == "gitRepo" && member.is_object()) {
      if (member.contains("repository")) replace_text(member["repository"]);
    } else if (key == "flexVolume" && member.is_object() && member.contains("options")) {
      replace_members(member["options"]);
    } else if (key == "path" && member.is_string()) {
      const std::string& path = member.get_ref<const std::string&>();
      if (path.find('?') != std::string::npos) member = path.substr(0, path.find('?'));
    } else {
      replace_values(member);
    }
  }
}

void Anonymizer::replace_names(Json& value) const {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (!is_compared(key)) replace_names(member);
    }
  } else if (value.is_array()) {
    for (Json& item : value) replace_names(item);
  } else if (value.is_string() && value.get_ref<const std::string&>().size() <= kLongestNamed) {
    for (const std::string& name : people_.names()) {
      const std::string text = value;
      std::string result;
      std::size_t done = 0;
      for (std::size_t at = 0; (at = find_word(text, name, done)) != std::string::npos;) {
        result.append(text, done, at - done).append(replacement("user", name));
        done = at + name.size();
      }
      if (done > 0) value = result.append(text, done);
    }
  }
}

}  // namespace cvm::webhook
