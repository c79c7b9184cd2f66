#include "webhook/suites/suite_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "webhook/config/settings_file.hpp"
#include "webhook/formats/text_file.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOurGroup = "cvm-webhook.io/", kSuiteKind = "CvmPolicyTest";

bool says_suite(const nlohmann::json& document) {
  if (!document.is_object()) return false;
  const auto text_at = [&document](const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const std::string kind = text_at("kind");
  return kind == kSuiteKind ||
         (text_at("apiVersion").starts_with(kOurGroup) && kind != kSettingsKind);
}

// What cannot be read as YAML counts where it has the word: the reader says what is wrong.
bool is_suite(const fs::path& path) {
  const auto text = read_text_file(path.string());
  if (!text) return true;
  const bool has_kind = text->find(kSuiteKind) != std::string::npos;
  // Nearly every suite begins so, and need not be parsed twice.
  if (has_kind && (text->starts_with("kind: CvmPolicyTest\n") ||
                   text->find("\nkind: CvmPolicyTest\n") != std::string::npos)) {
    return true;
  }
  if (!has_kind && text->find(kOurGroup) == std::string::npos) return false;
  const auto documents = parse_yaml(*text);
  if (!documents) return has_kind;
  return std::any_of(documents->begin(), documents->end(), [](const YamlDocument& document) {
    return says_suite(nlohmann::json::parse(document.json));
  });
}

std::vector<std::string> suites_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if ((extension == ".yaml" || extension == ".yml") && !entry.is_directory() &&
        is_suite(entry.path())) {
      files.push_back(entry.path().lexically_normal().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

SuiteFiles find_suites(const std::vector<std::string>& paths) {
  SuiteFiles found;
  std::set<fs::path> seen;
  const auto add = [&](const std::string& file) {
    std::error_code error;
    const fs::path canonical = fs::canonical(file, error);
    if (seen.insert(error ? fs::path(file) : canonical).second) found.files.push_back(file);
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) {
      found.mistakes.push_back(
          fmt::format("{}: expected a suite or a folder of suites, found nothing", path));
    } else if (!fs::is_directory(path)) {
      add(path);
    } else {
      try {
        const std::vector<std::string> files = suites_below(path);
        if (files.empty()) {
          found.mistakes.push_back(fmt::format(
              "{}: expected a suite (kind: CvmPolicyTest) in this folder, found none", path));
        }
        for (const std::string& file : files) add(file);
      } catch (const fs::filesystem_error& failure) {
        found.mistakes.push_back(fmt::format("{}: {}", path, failure.code().message()));
      }
    }
  }
  return found;
}

}  // namespace cvm::webhook
