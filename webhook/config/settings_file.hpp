// The settings file: YAML or JSON text -> Settings, or every mistake in it at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policies/model/profile_settings.hpp"

namespace cvm::webhook {

inline constexpr std::string_view kSettingsApiVersion = "cvm-webhook.io/v1alpha1";
inline constexpr std::string_view kSettingsKind = "CvmSettings";

struct SettingsMistake {
  std::string path;     // "supervisor.placement"
  std::string message;  // "expected sidecar or container, found \"sidcar\"; did you mean sidecar?"
  int line = 1, column = 1;  // line 0: the mistake has no place in the text
  std::string pointer = {};  // JSON pointer of the value
};

struct SettingsResult {
  ProfiledSettings settings;              // complete when there are no mistakes
  std::vector<SettingsMistake> mistakes;  // not empty: the text is unusable; in order of the text
  std::vector<std::string> notices;       // keys that are accepted and have no effect yet

  bool ok() const { return mistakes.empty(); }
  // One line a mistake: "<file>:<line>:<column>: <path>: <message>".
  std::string describe(std::string_view file) const;
};

// A whole file: apiVersion and kind must be there.
SettingsResult parse_settings(std::string_view text);

// The same keys, of which apiVersion and kind may be absent: the settings of a test suite. An
// empty text is the default.
SettingsResult parse_settings_body(std::string_view text);

// Reads the file first; a file that cannot be read is a mistake without a path.
SettingsResult load_settings(const std::string& file);

}  // namespace cvm::webhook
