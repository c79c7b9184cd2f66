// docs/settings.md: every key of a settings file.
#pragma once

#include <string>

namespace cvm::webhook {

// Markdown: a section for the keys at the top of the file and one for each key that holds others.
std::string settings_documentation();

}  // namespace cvm::webhook
