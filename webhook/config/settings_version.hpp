// Versions in the settings: "5.15".
#pragma once

#include "policies/model/version_number.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// Leaves `out` alone where it is a mistake.
inline void read_version(const DocumentValue& value, VersionNumber& out) {
  value.describe({{"type", "string"},
                  {"pattern", "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$"},
                  {"description", "Expected: a version such as 5.15, quoted"}});
  std::string_view text;
  if (value.json().is_string()) text = value.json().get_ref<const std::string&>();
  const auto version = take_version_number(text);
  if (version && text.empty()) {
    out = *version;
    return;
  }
  std::string message = "expected a version such as 5.15, found " + value.describe_found();
  if (value.json().is_number()) message += "; quote it";
  value.add_mistake(std::move(message));
}

}  // namespace cvm::webhook
