// What a YAML scalar means: the rules of kubectl's YAML reader (YAML 1.1 booleans and integers).
#pragma once

#include <string>
#include <string_view>

#include "policies/model/result.hpp"

namespace cvm::webhook {

struct YamlScalar {
  enum class Kind { kNull, kBool, kNumber, kString };

  Kind kind = Kind::kString;
  // The string itself for kString; else JSON text: "null", "true", "-12", "1.5". An integer keeps
  // all its digits, however many.
  std::string text;
};

// An unquoted scalar without a tag. An infinity or a NaN, which JSON lacks, is an error.
Result<YamlScalar> resolve_plain_scalar(std::string_view text);

// `tag` as yaml-cpp gives it: "?" plain, "!" quoted, else a whole tag ("tag:yaml.org,2002:str").
Result<YamlScalar> resolve_scalar(std::string_view tag, std::string_view text);

// A double as encoding/json writes it: 1000, 0.5, 1e+21.
std::string format_json_number(double value);

}  // namespace cvm::webhook
