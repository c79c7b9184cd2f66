// People: whose names calls told of, to be replaced wherever they stand.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cvm::webhook {

class People {
 public:
  // Of one call, and of all: more are no names of people any more, and would take long.
  static constexpr std::size_t kMostOfCall = 16, kMost = 256;

  // The caller, but for Kubernetes' own, and whom labels name: "com.coder.user.username", "owner".
  // Later calls by others, on the same pod, do not say that again.
  void learn(const nlohmann::ordered_json& review);

  // Lower case, the longest first: "alice@example.com" before "alice".
  const std::vector<std::string>& names() const { return names_; }

 private:
  void add(std::string name);
  void add_labelled(const nlohmann::ordered_json& value);

  std::vector<std::string> names_;
  std::size_t left_ = 0;  // of the call being learned from
};

// The first place from `at` on where `name`, in lower case, is a word of `text`, in any case; npos:
// none.
std::size_t find_word(std::string_view text, std::string_view name, std::size_t at);

}  // namespace cvm::webhook
