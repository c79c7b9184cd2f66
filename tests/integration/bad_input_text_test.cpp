// Bodies that are no AdmissionReview at all: cut, not UTF-8, not JSON, too deep, of another form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/profiles/profiles.hpp"
#include "tests/unit/admission/review_support.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class BadText : public testing::Test {
 protected:
  Answer ask(std::string_view text) {
    return webhook::ask(handler_, Endpoint::kMutate, text, snapshot_);
  }

  // HTTP 400 and one line of text, and the handler serves on.
  void expect_unreadable(std::string_view text, const testing::Matcher<std::string>& message) {
    const Answer answer = ask(text);
    EXPECT_EQ(answer.http, 400U) << answer.text;
    ASSERT_FALSE(answer.text.empty());
    EXPECT_EQ(answer.text.find('\n'), answer.text.size() - 1);
    EXPECT_THAT(answer.text, message);
    EXPECT_FALSE(answer.decision.readable);
  }

  AdmissionHandler handler_;
  Snapshot snapshot_ = make_snapshot({});
};

const char* const kNotJson = "expected an AdmissionReview as JSON, found a text that is not JSON";

// The minimal review with `text` in place of the pod's status, which is not read.
std::string with_status(const std::string& text) {
  std::string review = review_of({{"metadata", json::object()},
                                  {"spec", {{"containers", {{{"name", "c"}}}}}},
                                  {"status", "HERE"}})
                           .dump();
  return review.replace(review.find("\"HERE\""), 6, text);
}

TEST_F(BadText, IsRefusedWhereverItIsCut) {
  for (const char* name : {"05-mutate-pod-create-workspace", "10-validate-exec-supervisor"}) {
    std::string whole = read_recording(name);
    whole.erase(whole.find_last_of('}') + 1);
    expect_unreadable("", StartsWith("expected an AdmissionReview as JSON, found an empty body"));
    for (std::size_t length = 1; length < whole.size(); ++length) {
      expect_unreadable(std::string_view(whole).substr(0, length), StartsWith(kNotJson));
      if (HasFailure()) FAIL() << name << " cut at " << length;
    }
    EXPECT_EQ(ask(whole).http, 200U);
  }
}

// What stands in the padding is never read as part of the body: each cut is completed there.
TEST_F(BadText, IsNotCompletedByWhatFollowsIt) {
  const std::string whole =
      review_of({{"metadata", json::object()}, {"spec", json::object()}}).dump();
  for (std::size_t missing = 1; missing <= AdmissionHandler::kBodyPadding; ++missing) {
    const std::string memory = whole + std::string(AdmissionHandler::kBodyPadding, ' ');
    std::string out;
    const auto cut = std::string_view(memory).substr(0, whole.size() - missing);
    EXPECT_EQ(handler_.handle(Endpoint::kMutate, cut, snapshot_, out).http_status, 400U) << missing;
  }
}

TEST_F(BadText, NeverBreaksTheHandlerWhicheverByteIsChanged) {
  const std::string whole = read_recording("10-validate-exec-supervisor");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '"', '\\', '{', '}', ',', '0', '\x7f', '\x80', '\xff'}) {
      std::string text = whole;
      text[at] = byte;
      const Answer answer = ask(text);  // parses what is JSON
      EXPECT_TRUE(answer.http == 200 || answer.http == 400) << at;
    }
  }
}

TEST_F(BadText, IsRefusedWhenItIsNotUtf8) {
  const std::vector<std::string> bad = {
      "\x80",              // a continuation alone
      "\xc3",              // cut
      "\xc0\xaf",          // overlong
      "\xe0\x80\x80",      // overlong
      "\xed\xa0\x80",      // a surrogate
      "\xf0\x80\x80\x80",  // overlong
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xff",
  };
  for (const std::string& bytes : bad) {
    expect_unreadable(with_status("\"" + bytes + "\""), HasSubstr("not valid UTF-8"));
  }
  for (const std::string escape :
       {R"(\ud800)", R"(\udc00)", R"(\ud800\u0041)", R"(\ud800\ud800)", R"(\u12)", R"(\x41)"}) {
    expect_unreadable(with_status("\"" + escape + "\""), StartsWith(kNotJson));
  }
  expect_unreadable(with_status("\"a\tb\""), StartsWith(kNotJson));
  EXPECT_EQ(ask(with_status(R"("\ud83d\ude00 \u0000 ü")")).http, 200U);
}

TEST_F(BadText, IsRefusedWhenItIsNotQuiteJson) {
  for (const std::string status : {"NaN", "Infinity", "01", "+1", ".5", "1.", "0x10", "'a'", "[1,]",
                                   "{\"a\":1,}", "{a:1}", "[1 2]", "/* */ 1", "tru", ""}) {
    expect_unreadable(with_status(status), StartsWith(kNotJson));
  }
  const std::string good = with_status("{}");
  expect_unreadable("\xef\xbb\xbf" + good, StartsWith(kNotJson));
  expect_unreadable(good + good, StartsWith(kNotJson));
  expect_unreadable(good + "x", StartsWith(kNotJson));
  EXPECT_EQ(ask(" \r\n\t" + good + "\n").http, 200U);
}

TEST_F(BadText, IsRefusedForNumbersThatNoTypeHolds) {
  for (const std::string& number :
       std::vector<std::string>{"18446744073709551616", "-9223372036854775809", "1e400", "-1e999",
                                std::string(400, '9')}) {
    expect_unreadable(with_status(number), StartsWith(kNotJson));
  }
  for (const std::string number :
       {"18446744073709551615", "-9223372036854775808", "1e308", "1e-400",
        "0.10000000000000000000000000000000000000000001", "-0"}) {
    EXPECT_EQ(ask(with_status(number)).response["allowed"], true) << number;
  }
}

TEST_F(BadText, IsRefusedWhenItIsTooDeep) {
  const auto nested = [](std::size_t depth, const char* open, const char* close) {
    std::string text;
    for (std::size_t level = 0; level < depth; ++level) text += open;
    text += "1";
    for (std::size_t level = 0; level < depth; ++level) text += close;
    return with_status(text);
  };
  constexpr std::size_t kAround = 3;  // the review, its request, the object
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
    EXPECT_EQ(ask(nested(128 - kAround, open, close)).http, 200U);
    for (const std::size_t depth : {129 - kAround, std::size_t{100'000}}) {
      expect_unreadable(nested(depth, open, close),
                        StartsWith("expected an AdmissionReview, found JSON nested deeper than "
                                   "128 levels"));
    }
  }
}

TEST_F(BadText, IsRefusedWhenItIsNoAdmissionReview) {
  const auto change = [](const std::string& pointer, const json& value) {
    json review = review_of({{"metadata", json::object()}, {"spec", json::object()}});
    review[json::json_pointer(pointer)] = value;
    return review.dump();
  };
  expect_unreadable("null", StartsWith("expected an AdmissionReview object, found null"));
  expect_unreadable("[{}]", StartsWith("expected an AdmissionReview object, found an array"));
  expect_unreadable("{}", StartsWith("apiVersion: expected admission.k8s.io/v1 or "
                                     "admission.k8s.io/v1beta1, found nothing"));
  expect_unreadable(change("/apiVersion", "admission.k8s.io/v2"),
                    HasSubstr("found admission.k8s.io/v2"));
  expect_unreadable(change("/kind", "Pod"),
                    StartsWith("kind: expected AdmissionReview, found Pod"));
  expect_unreadable(change("/request/uid", ""),
                    StartsWith("request.uid: expected a string that is not empty, found an empty "
                               "one"));
  json response_only = {{"apiVersion", "admission.k8s.io/v1"},
                        {"kind", "AdmissionReview"},
                        {"response", {{"uid", "u"}, {"allowed", true}}}};
  expect_unreadable(response_only.dump(), StartsWith("request: expected an object, found nothing"));
}

TEST_F(BadText, IsNotWhatV1Beta1Is) {
  json review = json::parse(read_recording("05-mutate-pod-create-workspace"));
  const Answer v1 = ask(review.dump());
  review["apiVersion"] = "admission.k8s.io/v1beta1";
  const Answer v1beta1 = ask(review.dump());
  EXPECT_EQ(v1beta1.review["apiVersion"], "admission.k8s.io/v1beta1");
  EXPECT_EQ(v1beta1.response, v1.response);
  review["request"]["dryRun"] = 1;
  const Answer refused = ask(review.dump());
  EXPECT_EQ(refused.review["apiVersion"], "admission.k8s.io/v1beta1");
  EXPECT_EQ(refused.response["status"]["code"], 400);
}

}  // namespace
}  // namespace cvm::webhook
