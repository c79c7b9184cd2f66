#include "tests/policies/case_test.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>

#include "tests/policies/plan_parts.hpp"
#include "webhook/suites/case_runner.hpp"
#include "webhook/suites/suite_files.hpp"
#include "webhook/suites/suite_reader.hpp"

namespace cvm::testing {

namespace {

using nlohmann::json;
using webhook::CaseResult;
using webhook::Suite;
using webhook::SuiteCase;

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += "\n  " + webhook::finding_to_json(finding).dump();
  }
  return text.empty() ? " none" : text;
}

// Besides what the case expects: no patch changes what is the user's.
class CaseTest : public ::testing::Test {
 public:
  CaseTest(std::shared_ptr<const Suite> suite, const SuiteCase& one)
      : suite_(std::move(suite)), case_(one) {}

  void TestBody() override {
    SCOPED_TRACE(case_.place.text() + ": " + case_.name);
    webhook::CaseRunner runner(*suite_);
    const CaseResult result = runner.run(case_, std::make_shared<webhook::AdmissionHandler>());
    EXPECT_EQ(result.error, "");
    for (const webhook::Mismatch& mismatch : result.mismatches) {
      ADD_FAILURE() << mismatch.what << "\nexpected: " << mismatch.expected.dump(2)
                    << "\nfound: " << mismatch.actual.dump(2)
                    << "\nfindings:" << describe(result.answer.findings);
    }
    if (result.of_template) {
      EXPECT_TRUE(result.of_template->patch.is_null()) << "only pods are patched";
    }
    if (result.is_creation && result.answer.allowed) check_patch(runner.snapshot_of(case_), result);
  }

 private:
  static void check_patch(const Snapshot& snapshot, const CaseResult& result) {
    const json &pod = result.given, &patched = result.object;
    const Settings& settings = *snapshot.settings;
    const bool native = settings.mode == Mode::kNative;
    const bool adds_affinity = native || !settings.nodes.mark || !result.answer.profile.empty();
    const json without_affinity = adds_affinity ? without_added_affinity(patched, pod) : patched;
    const std::string wrapped = patched.at("metadata")
                                    .value("annotations", json::object())
                                    .value("cvm-webhook.io/supervisor", "");
    const auto users_part = [&](json one) {
      if (native) one = without_native_parts(std::move(one));
      return without_container(without_plan(std::move(one)), wrapped);
    };
    EXPECT_EQ(users_part(without_affinity), users_part(pod)) << "the patch changed the user's part";
    if (!result.answer.is_cvm) {
      EXPECT_EQ(patched, pod) << "a pod that is no CVM was changed";
    }
  }

  std::shared_ptr<const Suite> suite_;
  const SuiteCase& case_;
};

std::string test_name(std::string_view text) {
  std::string name;
  for (char character : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(character)) != 0;
    if (plain) {
      name += character;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name;
}

bool names_one_test(const std::string& filter) {
  return filter.find_first_of("*?:-") == std::string::npos;
}

// Whether a filter that names one test may mean a case of the suite in this file.
bool is_wanted(const std::string& file, const std::string& filter) {
  const std::string folder = std::filesystem::path(file).parent_path().filename().string();
  return filter.starts_with(test_name(folder) + ".");
}

Suites load_suites(const std::function<bool(const std::string& file)>& is_wanted) {
  const std::filesystem::path root(CVM_SOURCE_DIR "/tests/policies");
  webhook::SuiteFiles found = webhook::find_suites({root.string()});
  std::erase_if(found.files, [&](const std::string& file) { return !is_wanted(file); });
  std::string mistakes;
  for (const std::string& mistake : found.mistakes) mistakes += mistake + "\n";
  Suites suites;
  std::set<std::string> names;
  for (const std::string& file : found.files) {
    webhook::SuiteResult result = webhook::load_suite(file);
    for (const std::string& mistake : result.mistakes) mistakes += mistake + "\n";
    for (const SuiteCase& one : result.suite.cases) {
      if (!names.insert(result.suite.folder() + "/" + one.name).second) {
        mistakes += one.place.text() + ": a second case of the folder has this name\n";
      }
    }
    suites.push_back(std::make_shared<const Suite>(std::move(result.suite)));
  }
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.is_directory() && !webhook::find_suites({entry.path().string()}).mistakes.empty()) {
      mistakes += entry.path().string() + ": no suite in this folder\n";
    }
  }
  if (!mistakes.empty()) throw std::runtime_error(mistakes);
  return suites;
}

}  // namespace

const Suites& all_suites() {
  static const Suites suites = load_suites([](const std::string&) { return true; });
  return suites;
}

Suites suites_of(const std::string& filter) {
  if (!names_one_test(filter)) return all_suites();
  return load_suites([&filter](const std::string& file) { return is_wanted(file, filter); });
}

void register_cases(const std::shared_ptr<const Suite>& suite) {
  for (const SuiteCase& one : suite->cases) {
    ::testing::RegisterTest(
        test_name(suite->folder()).c_str(), test_name(one.name).c_str(), nullptr, nullptr, __FILE__,
        __LINE__, [suite, &one]() -> ::testing::Test* { return new CaseTest(suite, one); });
  }
}

}  // namespace cvm::testing
