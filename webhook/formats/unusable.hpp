// Unusable: input that a command cannot work with, or a failure; ends it with exit code 2.
#pragma once

#include <stdexcept>

namespace cvm::webhook {

// what() is the whole text for the user, of one or more lines: "pod.yaml:3:7: expected ...".
class Unusable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cvm::webhook
