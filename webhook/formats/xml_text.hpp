// Text in XML.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// Control characters, which XML 1.0 has no way to write, become "?".
std::string escape_xml(std::string_view text);

// ` name="value"`, the value escaped.
std::string xml_attribute(const char* name, std::string_view value);

}  // namespace cvm::webhook
