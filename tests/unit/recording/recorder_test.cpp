#include "webhook/recording/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "webhook/recording/recording.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string kReview =
    R"({"kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","resource":{"resource":"pods"},)"
    R"("namespace":"n","object":{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c",)"
    R"("env":[{"name":"A","value":"s3cret"}]}]}}}})";
const std::string kAnswer = R"({"kind":"AdmissionReview","response":{"uid":"1","allowed":false,)"
                            R"("auditAnnotations":{"rules":"tmp-mount=deny,gpu-beta=warn"}}})";

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() {
    std::string pattern = (fs::temp_directory_path() / "recorder-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~RecorderTest() override { fs::remove_all(directory_); }

  std::unique_ptr<EventLog> log() {
    return std::make_unique<EventLog>(LogFormat::kText, EventLog::Level::info, output_);
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory_)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }

  fs::path directory_;
  std::shared_ptr<LogOutput> output_ = std::make_shared<LogOutput>(STDERR_FILENO);
};

TEST_F(RecorderTest, WritesWhatReplayReads) {
  {
    Recorder(directory_, {}, log()).submit(Endpoint::kValidate, kReview, kAnswer);
  }
  ASSERT_EQ(files().size(), 1U);
  EXPECT_THAT(files()[0].string(),
              HasSubstr("Z-" + std::to_string(::getpid()) + "-000001-validate-create-pods.json"));
  struct stat status{};
  ASSERT_EQ(::stat(files()[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  const Recording recording = read_recording({directory_.string()});
  ASSERT_EQ(recording.calls.size(), 1U);
  const RecordedCall& call = recording.calls[0];
  EXPECT_EQ(call.endpoint, Endpoint::kValidate);
  EXPECT_EQ(call.object_name(), "n/p");
  ASSERT_TRUE(call.answer);
  EXPECT_FALSE(call.answer->allowed);
  EXPECT_EQ(call.answer->rules, (std::set<std::string>{"gpu-beta=warn", "tmp-mount=deny"}));
  EXPECT_EQ(call.request.dump().find("s3cret"), std::string::npos);
}

TEST_F(RecorderTest, EndsAtItsLimitOfCallsAndCountsWhatIsThere) {
  {
    Recorder recorder(directory_, {.calls = 3}, log());
    for (int count = 0; count < 10; ++count) recorder.submit(Endpoint::kMutate, kReview, kAnswer);
  }
  EXPECT_EQ(files().size(), 3U);
  {
    Recorder(directory_, {.calls = 3}, log()).submit(Endpoint::kMutate, kReview, kAnswer);
  }
  EXPECT_EQ(files().size(), 3U);
}

TEST_F(RecorderTest, EndsAtItsLimitOfBytes) {
  const std::size_t limit = 2000;
  {
    Recorder recorder(directory_, {.calls = 1000, .bytes = limit}, log());
    for (int count = 0; count < 100; ++count) recorder.submit(Endpoint::kMutate, kReview, kAnswer);
  }
  std::size_t bytes = 0;
  for (const fs::path& file : files()) bytes += fs::file_size(file);
  EXPECT_GT(bytes, 0U);
  EXPECT_LE(bytes, limit);
}

TEST_F(RecorderTest, RefusesADirectoryThatIsNone) {
  EXPECT_THROW(Recorder(directory_ / "none", {}, log()), std::runtime_error);
  std::ofstream(directory_ / "file") << "x";
  EXPECT_THROW(Recorder(directory_ / "file", {}, log()), std::runtime_error);
}

TEST_F(RecorderTest, LeavesOutWhatCannotBeParsed) {
  {
    Recorder(directory_, {}, log()).submit(Endpoint::kMutate, "not json", kAnswer);
  }
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace cvm::webhook
