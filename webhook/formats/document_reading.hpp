// What was found wrong in a document while it was read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cvm::webhook {

struct DocumentMistake {
  std::string path;     // "supervisor.placement"
  std::string message;  // "expected sidecar or container, found \"sidcar\"; did you mean sidecar?"
  int line = 1, column = 1;  // line 0: the mistake has no place in the text
  std::string pointer = {};  // JSON pointer of the value
};

struct DocumentReading {
  std::vector<DocumentMistake> mistakes;  // not empty: the text is unusable
  std::vector<std::string> notices;       // keys that are accepted and have no effect yet

  bool ok() const { return mistakes.empty(); }
  // One line a mistake: "<file>:<line>:<column>: <path>: <message>".
  std::string describe(std::string_view file) const;
};

}  // namespace cvm::webhook
