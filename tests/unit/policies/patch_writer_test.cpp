#include "policies/mutations/patch_writer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/policies/allocation_count.hpp"

namespace cvm {
namespace {

using nlohmann::json;

TEST(PatchWriter, WritesNothingWhereNothingIsAdded) {
  std::string text = "before";
  PatchWriter patch(text);
  patch.list("/spec/volumes", false);
  patch.map("/metadata/annotations", true);
  EXPECT_EQ(text, "before");
}

TEST(PatchWriter, LeavesAWholePatchAfterEachCall) {
  std::string text = "before";
  PatchWriter patch(text);
  patch.add("/spec/hostUsers", "false");
  EXPECT_EQ(text, R"(before[{"op":"add","path":"/spec/hostUsers","value":false}])");
  patch.remove("/spec/hostname");
  patch.add_text("/spec/hostname", "a\"b");
  patch.append(PatchWriter::addition("/spec/nodeName", R"("n")"));
  EXPECT_EQ(json::parse(text.substr(6)), json::parse(R"([
      {"op": "add", "path": "/spec/hostUsers", "value": false},
      {"op": "remove", "path": "/spec/hostname"},
      {"op": "add", "path": "/spec/hostname", "value": "a\"b"},
      {"op": "add", "path": "/spec/nodeName", "value": "n"}])"));
}

TEST(PatchWriter, EscapesWhatIsInAPointer) {
  std::string text;
  PatchWriter patch(text);
  patch.remove(JsonPointer("/metadata/annotations") / "a~b/c\"\\\n" / 12345 / "" / "-");
  EXPECT_EQ(json::parse(text).at(0).at("path"), "/metadata/annotations/a~0b~1c\"\\\n/12345//-");
}

TEST(PatchWriter, MakesAListThatIsNotThereWithAllItsEntries) {
  std::string text;
  PatchWriter patch(text);
  PatchWriter::List volumes = patch.list("/spec/volumes", false);
  volumes.append(R"({"name":"a"})");
  volumes.append([](std::string& out) { out += R"({"name":"b"})"; });
  EXPECT_EQ(text, R"([{"op":"add","path":"/spec/volumes","value":[{"name":"a"},{"name":"b"}]}])");
}

TEST(PatchWriter, AppendsToAListThatIsThere) {
  std::string text;
  PatchWriter patch(text);
  PatchWriter::List volumes = patch.list("/spec/volumes", true);
  volumes.append("1");
  volumes.append("2");
  EXPECT_EQ(text, R"([{"op":"add","path":"/spec/volumes/-","value":1},)"
                  R"({"op":"add","path":"/spec/volumes/-","value":2}])");
}

TEST(PatchWriter, SetsKeysOfAMap) {
  std::string text;
  PatchWriter patch(text);
  PatchWriter::Map made = patch.map("/metadata/annotations", false);
  made.set("a/b", "1");
  made.set("c", "2");
  PatchWriter::Map there = patch.map("/spec/nodeSelector", true);
  there.set("a/b", "3");
  there.set("c", "4", true);
  EXPECT_EQ(json::parse(text), json::parse(R"([
      {"op": "add", "path": "/metadata/annotations", "value": {"a/b": "1", "c": "2"}},
      {"op": "add", "path": "/spec/nodeSelector/a~1b", "value": "3"},
      {"op": "replace", "path": "/spec/nodeSelector/c", "value": "4"}])"));
}

// What other code writes in between must not end up inside the list.
TEST(PatchWriter, GoesOnWithAListAfterOtherOperations) {
  std::string text;
  PatchWriter patch(text);
  PatchWriter::List list = patch.list("/spec/volumes", false);
  PatchWriter::Map map = patch.map("/metadata/annotations", false);
  list.append("1");
  map.set("a", "b");
  list.append("2");
  map.set("c", "d");
  EXPECT_EQ(json::parse(text), json::parse(R"([
      {"op": "add", "path": "/spec/volumes", "value": [1]},
      {"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}},
      {"op": "add", "path": "/spec/volumes/-", "value": 2},
      {"op": "add", "path": "/metadata/annotations/c", "value": "d"}])"));
}

TEST(PatchWriter, TakesNoMemoryButItsText) {
  std::string text;
  text.reserve(1000);
  const std::size_t before = testing::allocation_count();
  PatchWriter patch(text);
  patch.list(JsonPointer("/spec/containers") / 1 / "env", true).append("1");
  patch.map("/metadata/annotations", false).set("cvm-webhook.io/plan", "a\nb");
  patch.remove("/spec/hostUsers");
  EXPECT_EQ(testing::allocation_count(), before);
}

}  // namespace
}  // namespace cvm
