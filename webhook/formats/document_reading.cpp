#include "webhook/formats/document_reading.hpp"

namespace cvm::webhook {

std::string DocumentReading::describe(std::string_view file) const {
  std::string lines;
  for (const DocumentMistake& mistake : mistakes) {
    if (!lines.empty()) lines += '\n';
    lines += file;
    if (mistake.line > 0) {
      lines += ':' + std::to_string(mistake.line) + ':' + std::to_string(mistake.column);
    }
    lines += ": ";
    if (!mistake.path.empty()) lines += mistake.path + ": ";
    lines += mistake.message;
  }
  return lines;
}

}  // namespace cvm::webhook
