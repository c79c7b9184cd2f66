#include "webhook/formats/xml_text.hpp"

#include <fmt/format.h>

namespace cvm::webhook {

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string xml_attribute(const char* name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escape_xml(value));
}

}  // namespace cvm::webhook
