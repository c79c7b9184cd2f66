// Whole files as text.
#pragma once

#include <string>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// The contents of a regular file or pipe. The error says why without naming the file.
Result<std::string> read_text_file(const std::string& file);

}  // namespace cvm::webhook
