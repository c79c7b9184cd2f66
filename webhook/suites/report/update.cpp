#include "webhook/suites/report/update.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "certs/files.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/formats/yaml_writer.hpp"

namespace cvm::webhook {

namespace {

bool may_update(const SuiteCase& one, const CaseResult& result) {
  if (one.expect.object_is_file.empty() || result.object.is_null()) return false;
  if (result.status == CaseStatus::kPassed) return true;
  const std::string what = expected_file_mismatch(one.expect);
  return result.status == CaseStatus::kFailed &&
         std::all_of(result.mismatches.begin(), result.mismatches.end(),
                     [&what](const Mismatch& mismatch) { return mismatch.what == what; });
}

}  // namespace

std::vector<std::string> update_expected_files(std::vector<SuiteRun>& runs) {
  struct Wanted {
    const SuiteCase* one;
    CaseResult* result;
  };
  std::map<std::string, Wanted> files;
  for (SuiteRun& run : runs) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const SuiteCase& one = run.suite->cases[i];
      CaseResult& result = run.results[i];
      if (!may_update(one, result)) continue;
      const auto [found, is_new] =
          files.try_emplace(one.expect.object_is_file, Wanted{&one, &result});
      if (!is_new && found->second.result->object != result.object) {
        throw Unusable(fmt::format(
            "{}: expected a file of its own, found {}, which the case at {} gives another pod",
            one.place.text(), found->first, found->second.one->place.text()));
      }
      const auto& now = one.expect.object_is;
      if (!now.is_null() && now.value("kind", "") != "Pod") {
        throw Unusable(fmt::format(
            "{}: {}: expected a file with a pod in it, found something else; it was left",
            one.place.text(), found->first));
      }
    }
  }
  std::vector<std::string> written;
  for (const auto& [file, wanted] : files) {
    const nlohmann::json& object = wanted.result->object;
    if (wanted.one->expect.object_is == object) continue;
    std::error_code ignored;  // the write says what is wrong
    std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
    const auto done = certs::write_file_atomically(file, write_yaml(nlohmann::ordered_json(object)),
                                                   certs::kPublicFileMode);
    if (!done) throw Unusable(done.error().message);
    written.push_back(file);
  }
  for (SuiteRun& run : runs) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      if (!may_update(run.suite->cases[i], run.results[i])) continue;
      run.results[i].mismatches.clear();
      run.results[i].status = CaseStatus::kPassed;
    }
  }
  return written;
}

}  // namespace cvm::webhook
