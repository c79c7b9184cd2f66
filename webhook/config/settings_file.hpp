// The settings file: YAML or JSON text -> Settings, or every mistake in it at once.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/profile_settings.hpp"
#include "webhook/formats/document_reading.hpp"

namespace cvm::webhook {

inline constexpr std::string_view kSettingsApiVersion = "cvm-webhook.io/v1alpha1";
inline constexpr std::string_view kSettingsKind = "CvmSettings";

// Its mistakes are in the order of the text.
struct SettingsResult : DocumentReading {
  ProfiledSettings settings;  // complete when there are no mistakes
};

// A whole file: apiVersion and kind must be there.
SettingsResult parse_settings(std::string_view text);

// The same keys, of which apiVersion and kind may be absent: the settings of a test suite. An
// empty text is the default.
SettingsResult parse_settings_body(std::string_view text);

// Reads the file first; a file that cannot be read is a mistake without a path.
SettingsResult load_settings(const std::string& file);

}  // namespace cvm::webhook
