#include "webhook/recording/people.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "webhook/recording/words.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::ordered_json;

// Shorter ones would be words of anything.
constexpr std::size_t kShortestName = 3;

char lower(char character) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
}

std::string lower(std::string text) {
  for (char& character : text) character = lower(character);
  return text;
}

// Words that stand for much else.
bool is_common_word(std::string_view text) {
  constexpr std::array<std::string_view, 17> kWords = {
      "admin", "cache", "coder",  "cvm",    "default", "dev",  "docker",    "false",     "home",
      "node",  "root",  "sysbox", "system", "true",    "user", "workspace", "supervisor"};
  return contains(kWords, text);
}

// A label by which an object names a person.
bool is_about_person(const std::string& key) {
  constexpr std::array<std::string_view, 6> kWords = {"user",  "username",   "user-name",
                                                      "owner", "created-by", "email"};
  return contains(kWords, lower(key.substr(key.find_last_of("./") + 1)));
}

}  // namespace

void People::learn(const Json& review) {
  left_ = kMostOfCall;
  const Json::json_pointer user("/request/userInfo/username");
  if (review.contains(user) && review.at(user).is_string()) {
    const std::string name = review.at(user);
    if (!name.starts_with("system:")) add(name);
  }
  add_labelled(review);
  std::sort(names_.begin(), names_.end(), [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() > other.size() : one < other;
  });
}

void People::add(std::string name) {
  // Of "oidc:alice@example.com", "https://issuer#alice": the person's own part.
  if (const std::size_t at = name.find_last_of("#:/"); at != std::string::npos) {
    name.erase(0, at + 1);
  }
  name = lower(std::move(name));
  const auto add_one = [this](const std::string& one) {
    const bool is_new =
        one.size() >= kShortestName && !is_common_word(one) && !contains(names_, one);
    if (!is_new || left_ == 0 || names_.size() >= kMost) return;
    names_.push_back(one);
    --left_;
  };
  add_one(name);
  if (const std::size_t at = name.find('@'); at != std::string::npos) add_one(name.substr(0, at));
}

void People::add_labelled(const Json& value) {
  if (!value.is_structured()) return;
  for (const auto& [key, member] : value.items()) {
    if (value.is_object() && key == "labels" && member.is_object()) {
      for (const auto& [label, text] : member.items()) {
        if (text.is_string() && is_about_person(label)) add(text.get<std::string>());
      }
    } else {
      add_labelled(member);
    }
  }
}

std::size_t find_word(std::string_view text, std::string_view name, std::size_t at) {
  const auto same = [](char one, char other) { return lower(one) == other; };
  while (at < text.size()) {
    const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                   name.begin(), name.end(), same);
    if (found == text.end()) break;
    const auto begin = static_cast<std::size_t>(found - text.begin());
    const std::size_t end = begin + name.size();
    if ((begin == 0 || !is_word_character(text[begin - 1])) &&
        (end == text.size() || !is_word_character(text[end]))) {
      return begin;
    }
    at = begin + 1;
  }
  return std::string_view::npos;
}

}  // namespace cvm::webhook
