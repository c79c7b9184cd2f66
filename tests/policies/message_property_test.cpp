// What holds of every message, whatever the text that a pod brings: the cases of all suites, with
// long text and control characters after some of what they say.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/policies/admission_client.hpp"
#include "tests/policies/case_test.hpp"
#include "webhook/suites/case_snapshot.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 2000;
constexpr int kRounds = 2;

void lengthen(json& value, std::mt19937& random) {
  if (value.is_string() && random() % 3 == 0) {
    value = value.get<std::string>() + "\n\x1b[31m" + std::string(5000, 'x');
  } else if (value.is_array() || value.is_object()) {
    for (json& each : value) lengthen(each, random);
  }
}

void expect_bounded(const AdmissionAnswer& answer) {
  for (const Finding& finding : answer.findings) {
    EXPECT_LE(finding.message.size(), kLongestMessage) << finding.rule << ": " << finding.message;
    EXPECT_TRUE(std::none_of(finding.message.begin(), finding.message.end(),
                             [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }))
        << finding.rule << ": " << finding.message;
  }
}

TEST(MessageProperty, IsBoundedWhateverThePodSays) {
  std::mt19937 random(1);
  const auto handler = std::make_shared<webhook::AdmissionHandler>();
  std::size_t findings = 0;
  for (const auto& suite : all_suites()) {
    webhook::SnapshotCache snapshots(*suite);
    for (const webhook::SuiteCase& one : suite->cases) {
      if (one.input_kind != webhook::SuiteCase::Input::kPod) continue;
      SCOPED_TRACE(suite->id_of(one));
      AdmissionClient client(snapshots.snapshot_of(one), {}, handler);
      for (int round = 0; round < kRounds; ++round) {
        json pod = one.input;
        for (const char* part : {"metadata", "spec"}) {
          if (pod.contains(part)) lengthen(pod[part], random);
        }
        try {
          const AdmissionAnswer answer = join(client.mutate(pod), client.validate(pod));
          expect_bounded(answer);
          findings += answer.findings.size();
        } catch (const webhook::UnreadableReview&) {
          continue;  // a quantity or an enumeration that is none any more
        }
      }
    }
  }
  EXPECT_GT(findings, 500U);
}

}  // namespace
}  // namespace cvm::testing
