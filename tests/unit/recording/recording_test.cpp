#include "webhook/recording/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

class RecordingTest : public ::testing::Test {
 protected:
  RecordingTest() {
    std::string pattern = (fs::temp_directory_path() / "recording-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~RecordingTest() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }

  // A call about the creation of pod `pod`; allowed where `rules` is empty.
  void write_creation(const std::string& name, const std::string& pod, bool has_plan,
                      const char* endpoint, const std::string& rules = "") const {
    json review = {
        {"kind", "AdmissionReview"},
        {"request",
         {{"operation", "CREATE"},
          {"resource", {{"resource", "pods"}}},
          {"namespace", "n"},
          {"object", {{"metadata", {{"generateName", pod}}}}}}},
        {"response", {{"allowed", rules.empty()}, {"auditAnnotations", {{"rules", rules}}}}}};
    if (endpoint != nullptr) review[kEndpointKey] = endpoint;
    if (has_plan) {
      review["request"]["object"]["metadata"]["annotations"] = {{"cvm-webhook.io/plan", "v1:1"}};
    }
    write(name, review.dump());
  }

  Recording read() const { return read_recording({directory_.string()}); }

  std::string mistake() const {
    try {
      read();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no mistake";
  }

  fs::path directory_;
};

TEST_F(RecordingTest, JudgesACreationByAllOfItsCalls) {
  write_creation("1.json", "web-", false, "mutate");
  write_creation("2.json", "web-", true, "mutate");
  write_creation("3.json", "web-", true, "validate", "plan-changed=deny");
  write_creation("4.json", "web-", false, "mutate");  // another pod of the same controller
  write_creation("5.json", "web-", false, "validate");
  const Recording recording = read();
  ASSERT_EQ(recording.calls.size(), 2U);
  EXPECT_EQ(recording.follow_ups.size(), 3U);
  EXPECT_EQ(recording.calls[0].object_name(), "n/web-*");
  EXPECT_FALSE(recording.calls[0].answer->allowed) << "the validating call refused it";
  EXPECT_THAT(recording.calls[0].answer->rules, ::testing::ElementsAre("plan-changed=deny"));
  EXPECT_TRUE(recording.calls[1].answer->allowed);
}

TEST_F(RecordingTest, KnowsThePodThatWasNamedMeanwhile) {
  write_creation("1.json", "web-", false, "mutate");
  write_creation("2.json", "web-", true, "validate", "plan-changed=deny");
  json named = json::parse(std::ifstream(directory_ / "2.json"));
  named["request"]["object"]["metadata"]["name"] = "web-x7d2f";
  write("2.json", named.dump());
  const Recording recording = read();
  ASSERT_EQ(recording.calls.size(), 1U);
  EXPECT_FALSE(recording.calls[0].answer->allowed);
}

TEST_F(RecordingTest, TakesTheEndpointFromTheFilesNameWhereNothingSaysIt) {
  write_creation("01-validate.json", "a-", false, nullptr);
  write_creation("02-mutate.json", "b-", false, nullptr);
  write_creation("03.json", "c-", false, nullptr);
  const Recording recording = read();
  ASSERT_EQ(recording.calls.size(), 3U);
  EXPECT_EQ(recording.calls[0].endpoint, Endpoint::kValidate);
  EXPECT_EQ(recording.calls[1].endpoint, Endpoint::kMutate);
  EXPECT_EQ(recording.calls[2].endpoint, Endpoint::kMutate);
}

TEST_F(RecordingTest, DoesNotJudgeAPodWithAPlanWhoseFirstCallIsNotThere) {
  write_creation("1.json", "a-", true, "validate");
  const Recording recording = read();
  EXPECT_TRUE(recording.calls.empty());
  EXPECT_EQ(recording.follow_ups.size(), 1U);
}

TEST_F(RecordingTest, NamesTheFileThatIsNoReview) {
  EXPECT_THAT(mistake(), HasSubstr("expected recorded calls (*.json), found none"));
  write("a.json", "{");
  EXPECT_THAT(mistake(), HasSubstr("a.json: expected an AdmissionReview as JSON"));
  write("a.json", R"({"kind": "Pod"})");
  EXPECT_THAT(mistake(), HasSubstr("a.json: expected an AdmissionReview with a request, found kind "
                                   "\"Pod\""));
  write("a.json", "[1]");
  EXPECT_THAT(mistake(), HasSubstr("found kind \"\""));
  EXPECT_THROW(read_recording({"/nowhere/at-all"}), std::runtime_error);
}

}  // namespace
}  // namespace cvm::webhook
