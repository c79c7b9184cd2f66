// The keys `profiles` and `defaultProfile` of a settings file.
#pragma once

#include "policies/model/profile_settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// A profile's settings are maps laid over the maps of the file, key by key; lists and scalars take
// the place of those of the file. They are read as a file is, so that every check is made of what
// comes out, and a mistake is told at its place in the profile. `root`: the whole file, of which
// `result` holds the mistakes that were found without its profiles.
void read_profiles(const DocumentValue& root, const YamlDocument& document, SettingsResult& result);

}  // namespace cvm::webhook
