// Fields of the API's JSON that need no path in an error.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace cvm::webhook {

// The string at a JSON pointer; empty when it is absent or no string.
inline std::string string_at(simdjson::dom::element root, std::string_view pointer) {
  std::string_view text;
  if (root.at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

// Calls visit(simdjson::dom::element) for each element of the array; for none where it is none.
template <typename Visit>
void for_each_of(simdjson::simdjson_result<simdjson::dom::element> list, Visit&& visit) {
  simdjson::dom::array elements;
  if (list.get(elements) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element each : elements) visit(each);
}

}  // namespace cvm::webhook
