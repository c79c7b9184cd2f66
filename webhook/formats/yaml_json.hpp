// YAML (and so JSON) documents -> JSON text, with the place of every value for error messages.
//
// Plain scalars become null, booleans, numbers or strings as kubectl reads them; quoted scalars
// stay strings. Aliases are expanded within a budget; depth is limited; duplicate keys are errors.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/result.hpp"
#include "webhook/formats/text_position.hpp"

namespace cvm::webhook {

inline constexpr int kMaxYamlDepth = 100;
// Bytes of JSON that aliases and merge keys may add to one document.
inline constexpr std::size_t kMaxYamlExpansion = std::size_t{1} << 20;

struct YamlDocument {
  using Positions = std::map<std::string, TextPosition, std::less<>>;

  std::string json;
  // JSON pointer ("/spec/containers/0/name") -> where the value starts in the text.
  Positions positions;
  // The same for the keys of objects; elements of arrays have none.
  Positions key_positions;

  // The position of the value at `pointer`, else of its nearest ancestor that is there.
  TextPosition position_of(std::string_view pointer) const;
  // The position of the key that `pointer` ends with, else position_of(pointer).
  TextPosition key_position_of(std::string_view pointer) const;
};

// Empty documents are left out. An error's message begins "line L, column C: ".
Result<std::vector<YamlDocument>> parse_yaml(std::string_view text);

// Takes "line L, column C: " off the front of such a message; {1, 1} when it is not there.
TextPosition take_position(std::string& message);

}  // namespace cvm::webhook
