// Wrong values in the fields of a review, generated from the table of fields that are read: each
// value of a full review is replaced by every other type, removed, and given twice.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "policies/profiles/profiles.hpp"
#include "tests/integration/read_fields.hpp"
#include "tests/unit/admission/review_support.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

class BadField : public testing::Test {
 protected:
  Answer ask(std::string_view text) {
    return webhook::ask(handler_, Endpoint::kMutate, text, snapshot_);
  }

  void expect_bad_envelope(const Answer& answer, const std::string& message) {
    EXPECT_EQ(answer.http, 400U);
    EXPECT_EQ(answer.text, message + "\n");
    EXPECT_FALSE(answer.decision.allowed);
  }

  void expect_bad_request(const Answer& answer, const std::string& message) {
    ASSERT_EQ(answer.http, 200U) << answer.text;
    EXPECT_EQ(answer.response["uid"], "u-1");
    EXPECT_EQ(answer.response["allowed"], false);
    EXPECT_EQ(answer.response["status"]["code"], 400);
    EXPECT_EQ(answer.response["status"]["reason"], "BadRequest");
    EXPECT_EQ(answer.response["status"]["message"], message);
    EXPECT_FALSE(answer.response.contains("patch"));
  }

  void expect_decided(const Answer& answer) {
    ASSERT_EQ(answer.http, 200U) << answer.text;
    EXPECT_TRUE(answer.decision.readable) << answer.text;
    EXPECT_NE(answer.decision.verdict, nullptr);
  }

  void expect_bad(const ReadField& field, const Answer& answer, const std::string& message) {
    if (field.answer == Class::kEnvelope) {
      expect_bad_envelope(answer, message);
    } else {
      expect_bad_request(answer, message);
    }
  }

  AdmissionHandler handler_;
  Snapshot snapshot_ = make_snapshot({});
};

// One value of each type that a decoder may tell apart.
const std::vector<json> kValues = {nullptr,       true,          7, 1.5, "some text",
                                   json::array(), json::object()};

std::string name_of(const json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a string";
  return value.is_array() ? "an array" : "an object";
}

bool is_of(const std::string& expected, const json& value) {
  if (expected == "an integer") return value.is_number_integer();
  if (expected == "a quantity (a string or a number)") {
    return value.is_string() || value.is_number();
  }
  if (expected == "a string that is not empty") return value.is_string();
  return name_of(value) == expected;
}

bool is_required(const ReadField& field) {
  return field.answer == Class::kEnvelope || field.answer == Class::kRequired;
}

// What the message says, for a value that is not of the field's type.
std::string message_of(const ReadField& field, const Pointer& pointer, const json& value) {
  if (field.pattern.empty()) return "expected " + field.expected + ", found " + name_of(value);
  std::string found = name_of(value);
  std::string expected = field.expected;
  if (expected == "an integer" && value.is_number()) found = "a fraction";
  const bool names_a_word = expected.starts_with("admission.") || expected == "AdmissionReview";
  if (names_a_word && value.is_string()) found = value;
  if (value.is_null() && field.answer == Class::kRequired) {
    found = "nothing";
    expected = field.expected_when_absent;
  }
  return path_of(pointer) + ": expected " + expected + ", found " + found;
}

TEST_F(BadField, IsRefusedForEveryOtherTypeWhereItIsRead) {
  const json good = full_review();
  json review = good;  // one value at a time is changed in it
  expect_decided(ask(good.dump()));
  std::size_t wrong = 0;
  std::size_t ignored = 0;
  for (const Pointer& pointer : all_values(good)) {
    const ReadField* const field = find_read_field(pointer);
    for (const json& value : kValues) {
      if (name_of(value) == name_of(good[pointer]) && !value.is_number_float()) continue;
      SCOPED_TRACE(pointer.to_string() + " := " + value.dump());
      json kept = std::exchange(review[pointer], value);
      const Answer answer = ask(review.dump());
      review[pointer] = std::move(kept);
      const bool is_fine = field == nullptr || is_of(field->expected, value) ||
                           (value.is_null() && !is_required(*field));
      if (is_fine) {
        expect_decided(answer);
        ++ignored;
      } else {
        expect_bad(*field, answer, message_of(*field, pointer, value));
        ++wrong;
      }
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(wrong, 600U);
  EXPECT_GT(ignored, 200U);
}

TEST_F(BadField, IsRefusedWhenItIsRequiredAndAbsent) {
  const json good = full_review();
  std::size_t missing = 0;
  for (const Pointer& pointer : all_values(good)) {
    if (pointer.empty() || !good[pointer.parent_pointer()].is_object()) continue;
    SCOPED_TRACE(pointer.to_string());
    json review = good;
    review[pointer.parent_pointer()].erase(pointer.back());
    const Answer answer = ask(review.dump());
    const ReadField* const field = find_read_field(pointer);
    if (field != nullptr && is_required(*field)) {
      expect_bad(
          *field, answer,
          path_of(pointer) + ": expected " + field->expected_when_absent + ", found nothing");
      ++missing;
    } else {
      expect_decided(answer);
    }
  }
  EXPECT_EQ(missing, 12U);
}

// The document with the member at `twice` written two times.
std::string write_twice(const json& value, const Pointer& at, const Pointer& twice) {
  std::string text;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      const std::string entry = json(key).dump() + ":" + write_twice(member, at / key, twice);
      text += (text.empty() ? "" : ",") + entry;
      if (at / key == twice) text += "," + entry;
    }
    return "{" + text + "}";
  }
  if (!value.is_array()) return value.dump();
  for (std::size_t index = 0; index < value.size(); ++index) {
    text += (index == 0 ? "" : ",") + write_twice(value[index], at / index, twice);
  }
  return "[" + text + "]";
}

TEST_F(BadField, IsRefusedWhenItIsThereTwice) {
  const json good = full_review();
  std::size_t duplicates = 0;
  for (const Pointer& pointer : all_values(good)) {
    if (pointer.empty() || !good[pointer.parent_pointer()].is_object()) continue;
    SCOPED_TRACE(pointer.to_string());
    const Answer answer = ask(write_twice(good, Pointer(), pointer));
    const ReadField* const field = find_read_field(pointer);
    if (field != nullptr) {
      expect_bad(*field, answer, path_of(pointer) + ": expected one value, found the key twice");
      ++duplicates;
    } else {
      expect_decided(answer);
    }
  }
  EXPECT_GT(duplicates, 100U);
}

TEST_F(BadField, IsRefusedWhenAMapWithManyEntriesHoldsAKeyTwice) {
  json review = review_of({{"metadata", json::object()}, {"spec", json::object()}});
  for (int entry = 0; entry < 40; ++entry) {
    review["request"]["object"]["metadata"]["labels"]["k" + std::to_string(entry)] = "v";
  }
  const Pointer twice("/request/object/metadata/labels/k27");
  expect_bad_request(
      ask(write_twice(review, Pointer(), twice)),
      "request.object.metadata.labels[\"k27\"]: expected one value, found the key twice");
}

TEST_F(BadField, IsRefusedWhenItsWordIsUnknown) {
  json review = full_review();
  review["request"]["operation"] = "PATCH";
  expect_bad_request(ask(review.dump()),
                     "request.operation: expected one of CREATE, UPDATE, DELETE, CONNECT, "
                     "found PATCH");
  review = full_review();
  const Pointer op(
      "/request/object/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
      "/nodeSelectorTerms/0/matchExpressions/0/operator");
  review[op] = "Matches";
  expect_bad_request(ask(review.dump()),
                     path_of(op) +
                         ": expected one of In, NotIn, Exists, DoesNotExist, Gt, Lt, "
                         "found Matches");
}

TEST_F(BadField, IsNamedInOneShortLineWhateverItSays) {
  json review = full_review();
  review["request"]["operation"] = "a\nb\"c\u00fc" + std::string(5000, 'x');
  const std::string expected = "found a?b?c??" + std::string(57, 'x') + "...";
  const Answer answer = ask(review.dump());
  const std::string message = answer.response["status"]["message"];
  EXPECT_TRUE(message.ends_with(expected)) << message;
  review = full_review();
  review["request"]["object"]["metadata"]["labels"][std::string(100'000, 'k')] = 1;
  EXPECT_LT(ask(review.dump()).text.size(), 1000U);
  review = full_review();
  review["apiVersion"] = "admission\n.k8s.io/v1";
  EXPECT_EQ(ask(review.dump()).text,
            "apiVersion: expected admission.k8s.io/v1 or admission.k8s.io/v1beta1, found "
            "admission?.k8s.io/v1\n");
}

TEST_F(BadField, IsRefusedInOptionsAndBindings) {
  for (const char* kind : {"PodExecOptions", "PodAttachOptions"}) {
    json review = full_review();
    review["request"]["kind"]["kind"] = kind;
    review["request"]["operation"] = "CONNECT";
    review["request"]["object"] = {{"container", 7}};
    expect_bad_request(ask(review.dump()),
                       "request.object.container: expected a string, found a number");
    review["request"]["object"] = "text";
    expect_bad_request(ask(review.dump()), "request.object: expected an object, found a string");
  }
  json review = full_review();
  review["request"]["kind"]["kind"] = "Binding";
  review["request"]["object"] = {{"target", {{"name", 7}}}};
  expect_bad_request(ask(review.dump()),
                     "request.object.target.name: expected a string, found a number");
  review["request"]["object"] = {{"metadata", {{"uid", 7}}}};
  expect_bad_request(ask(review.dump()),
                     "request.object.metadata.uid: expected a string, found a number");
  review["request"]["object"] = {{"target", "n1"}};
  expect_bad_request(ask(review.dump()),
                     "request.object.target: expected an object, found a string");
}

TEST_F(BadField, IsOfNoInterestInObjectsOfOtherKinds) {
  for (const char* kind : {"Deployment", "Service", "Secret", "pod"}) {
    json review = full_review();
    review["request"]["kind"]["kind"] = kind;
    review["request"]["resource"]["resource"] = "others";
    review["request"]["object"] = 7;
    review["request"]["oldObject"] = {{"spec", 7}};
    const Answer answer = ask(review.dump());
    expect_decided(answer);
    EXPECT_EQ(answer.response["allowed"], true);
    EXPECT_EQ(answer.response["auditAnnotations"]["decision"], "untouched");
    EXPECT_TRUE(answer.patch.is_null());
  }
}

}  // namespace
}  // namespace cvm::webhook
