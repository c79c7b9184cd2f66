// Ten realistic workspaces (tests/data/workspaces) and what becomes of them in each way to run a
// CVM (tests/data/golden/<way>): the whole answer of `eval`, with the difference to the pod as
// given.
//
// UPDATE_GOLDEN=1 in the environment writes the files anew; read the difference before it is kept.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(CVM_SOURCE_DIR) / "tests" / "data";

// A way's settings are tests/data/settings/<way>.yaml.
const char* const kWays[] = {"wrap", "native"};

std::string answer_to(const fs::path& pod, const std::string& way) {
  const Outcome run = run_binary(
      {"eval", "-f", pod.string(), "--settings", (kData / "settings" / (way + ".yaml")).string()});
  return run.out + run.err + "exit " + std::to_string(run.exit_code) + "\n";
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Workspaces, BecomeWhatTheGoldenFilesShow) {
  std::size_t pods = 0;
  for (const auto& entry : fs::directory_iterator(kData / "workspaces")) {
    ++pods;
    for (const std::string way : kWays) {
      SCOPED_TRACE(way + " " + entry.path().stem().string());
      const fs::path golden = kData / "golden" / way / (entry.path().stem().string() + ".txt");
      const std::string answer = answer_to(entry.path(), way);
      if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        fs::create_directories(golden.parent_path());
        std::ofstream(golden, std::ios::binary) << answer;
      }
      EXPECT_EQ(answer, read(golden));
    }
  }
  EXPECT_EQ(pods, 10U);
}

// No file is left over from a workspace that is no more.
TEST(Workspaces, HaveAllGoldenFiles) {
  for (const std::string way : kWays) {
    for (const auto& entry : fs::directory_iterator(kData / "golden" / way)) {
      EXPECT_TRUE(fs::exists(kData / "workspaces" / (entry.path().stem().string() + ".yaml")))
          << entry.path();
    }
  }
}

}  // namespace
}  // namespace cvm::webhook
