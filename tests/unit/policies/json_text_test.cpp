#include "policies/model/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cvm {
namespace {

TEST(JsonText, GivesBackEveryCharacterThroughAParser) {
  std::string text;
  for (int code = 0; code < 0x80; ++code) text += static_cast<char>(code);
  text += "\u00e4\u4e2d\U0001f600";
  std::string json;
  append_json_string(json, text);
  EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
}

TEST(JsonText, ReplacesWhatIsNotUtf8AndEscapesDel) {
  std::string json;
  append_json_string(json, "12345678\xff\xc3\xa4\xc3|\xed\xa0\x80\x7f");
  EXPECT_EQ(json, "\"12345678\uFFFD\u00e4\uFFFD|\uFFFD\uFFFD\uFFFD\\u007f\"");
}

TEST(JsonText, AppendsAndWritesPlainTextUnchanged) {
  std::string json = "[";
  append_json_string(json, "ghcr.io/coder/envbox:latest");
  append_json_escaped(json, "");
  EXPECT_EQ(json, "[\"ghcr.io/coder/envbox:latest\"");
}

TEST(JsonText, EscapesKeysInPointers) {
  std::string pointer = "/metadata/annotations";
  append_pointer_key(pointer, "a~b/c");
  append_pointer_key(pointer, "");
  append_pointer_key(pointer, "~");
  EXPECT_EQ(pointer, "/metadata/annotations/a~0b~1c//~0");
}

TEST(JsonText, SeparatesMembersAndEntries) {
  std::string json = "{";
  append_json_member(json, "name", "a\"b");
  append_json_member(json, "ends", "[");
  append_json_member(json, "value", "");
  json += ",\"list\":";
  append_json_strings(json, std::vector<std::string>{"x", "[", "y"});
  json += ",\"none\":";
  append_json_strings(json, std::vector<std::string>());
  EXPECT_EQ(json, R"({"name":"a\"b","ends":"[","value":"","list":["x","[","y"],"none":[])");
}

}  // namespace
}  // namespace cvm
