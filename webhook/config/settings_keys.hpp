// The keys of a settings file, each with its checks.
#pragma once

#include "policies/model/settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// Reads the whole map at `root` into `settings`; apiVersion and kind are checked when there.
void read_settings_keys(const DocumentValue& root, Settings& settings);

}  // namespace cvm::webhook
