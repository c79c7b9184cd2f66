// The settings file: YAML or JSON text -> Settings, or every mistake in it at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policies/model/settings.hpp"

namespace cvm::webhook {

struct SettingsMistake {
  std::string path;     // "supervisor.placement"
  std::string message;  // "expected sidecar or container, found \"sidcar\"; did you mean sidecar?"
  int line = 1, column = 1;
};

struct SettingsResult {
  Settings settings;                      // complete when there are no mistakes
  std::vector<SettingsMistake> mistakes;  // not empty: the text is unusable
  std::vector<std::string> notices;       // keys that are accepted and have no effect yet

  bool ok() const { return mistakes.empty(); }
  // One line a mistake: "<file>:<line>:<column>: <path>: <message>".
  std::string describe(std::string_view file) const;
};

SettingsResult parse_settings(std::string_view text);

// Reads the file first; a file that cannot be read is a mistake without a path.
SettingsResult load_settings(const std::string& file);

}  // namespace cvm::webhook
