// replay, as a user runs it, on recorded calls of a real API server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/integration/run_binary.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kRecordings = "tests/data/recordings";

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    std::string pattern = (fs::temp_directory_path() / "replay-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ReplayTest() override { fs::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }

  std::string settings(const std::string& keys) const {
    return write("settings.yaml",
                 "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n" + keys + "\n");
  }

  fs::path directory_;
};

TEST_F(ReplayTest, ChangesNothingWithTheSettingsThatWereInForce) {
  const Outcome outcome = run_binary({"replay", kRecordings, "--settings", settings("")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("0 would be refused, 0 would be admitted, 0 with other "
                                     "findings, 0 with another patch"));
}

TEST_F(ReplayTest, ShowsWhatCachingChanges) {
  const Outcome outcome =
      run_binary({"replay", kRecordings, "--settings", settings("caching: true"), "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  const json& calls = document.at("calls");
  const auto workspace = std::find_if(calls.begin(), calls.end(), [](const json& call) {
    return call.at("file") == "05-mutate-pod-create-workspace.json";
  });
  ASSERT_NE(workspace, calls.end());
  EXPECT_EQ(workspace->at("change"), "patch") << "more is mounted";
  EXPECT_EQ(workspace->at("object"), "default/alice-dev");
  EXPECT_FALSE(workspace->at("before").at("recorded"));
  EXPECT_GT(document.at("summary").at("patch"), 0);
}

TEST_F(ReplayTest, ShowsWhoWouldBeRefused) {
  json review = json::parse(read_test_data("recordings/05-mutate-pod-create-workspace.json"));
  json& pod = review["request"]["object"];
  pod["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] = "1";
  const std::string gpu = write("gpu.json", review.dump());
  const Outcome outcome =
      run_binary({"replay", gpu, "--settings", settings("caching: true"), "--color", "never"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("refused   CREATE pods   default/alice-dev   admitted"));
  EXPECT_THAT(outcome.out, HasSubstr("cvm/gpu-caching: "));
  EXPECT_THAT(outcome.out, HasSubstr("1 call: 1 would be refused"));

  // What the recording says counts for more than the default settings...
  review["response"] = {{"allowed", false}, {"auditAnnotations", {{"rules", "gpu-caching=deny"}}}};
  write("gpu.json", review.dump());
  EXPECT_EQ(run_binary({"replay", gpu, "--settings", settings("caching: true")}).exit_code, 0);
  // ...and what --before decides for more than that.
  const std::string before = write("before.yaml",
                                   "apiVersion: cvm-webhook.io/v1alpha1\n"
                                   "kind: CvmSettings\n");
  EXPECT_EQ(run_binary({"replay", gpu, "--settings", settings("caching: true"), "--before", before})
                .exit_code,
            1);
}

TEST_F(ReplayTest, AsksOfOtherNodes) {
  const std::string nodes = write("nodes.yaml", R"(
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {kubernetes.io/arch: amd64, kubernetes.io/os: linux}}
status: {nodeInfo: {kernelVersion: 5.14.0-427.el9.x86_64, osImage: Rocky Linux 9.4 (Blue Onyx), operatingSystem: linux, architecture: amd64, kubeletVersion: v1.33.1, containerRuntimeVersion: "containerd://1.7.0"}}
)");
  json review = json::parse(read_test_data("recordings/01-mutate-pod-create-minimal.json"));
  review["response"] = {{"allowed", true}};
  const std::string file = write("minimal.json", review.dump());
  const Outcome outcome =
      run_binary({"replay", file, "--settings", settings(""), "--nodes", nodes, "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  const json call = json::parse(outcome.out).at("calls").at(0);
  EXPECT_EQ(call.at("change"), "refused");
  EXPECT_TRUE(call.at("before").at("recorded"));
}

TEST_F(ReplayTest, SaysWhatIsWrongWithItsInput) {
  EXPECT_EQ(run_binary({"replay", kRecordings}).exit_code, 2) << "no --settings";
  Outcome outcome = run_binary({"replay", "nowhere", "--settings", settings("")});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("nowhere: "));
  outcome = run_binary({"replay", kRecordings, "--settings", settings("cachin: true")});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("caching"));
  EXPECT_TRUE(outcome.out.empty());
}

TEST_F(ReplayTest, GoesOnWhereACallCannotBeJudged) {
  json review = json::parse(read_test_data("recordings/01-mutate-pod-create-minimal.json"));
  review["request"]["object"]["spec"]["hostNetwork"] = "yes";
  const std::string bad = write("bad.json", review.dump());
  const Outcome outcome =
      run_binary({"replay", bad, "tests/data/recordings/10-validate-exec-supervisor.json",
                  "--settings", settings(""), "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document.at("summary").at("unjudged"), 2);
  EXPECT_THAT(document.at("calls").at(0).at("unjudged"), HasSubstr("hostNetwork"));
  EXPECT_THAT(document.at("calls").at(1).at("unjudged"), HasSubstr("does not say what the pod is"));
}

TEST_F(ReplayTest, SaysThatDecisionsDependedOnNodes) {
  json review = json::parse(read_test_data("recordings/01-mutate-pod-create-minimal.json"));
  review["response"] = {{"allowed", false}, {"auditAnnotations", {{"rules", "node-selinux=deny"}}}};
  const std::string file = write("call.json", review.dump());
  const Outcome outcome = run_binary({"replay", file, "--settings", settings("")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("without --nodes nothing is known"));
}

}  // namespace
}  // namespace cvm::webhook
