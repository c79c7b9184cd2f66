#include "policies/mutations/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(JsonText, AppendsAndWritesPlainTextUnchanged) {
  std::string json = "[";
  append_json_string(json, "ghcr.io/coder/envbox:latest");
  append_json_escaped(json, "");
  EXPECT_EQ(json, "[\"ghcr.io/coder/envbox:latest\"");
}

TEST(JsonText, EscapesPointerTokens) {
  std::string pointer = "/metadata/annotations/";
  append_pointer_token(pointer, "a~b/c");
  EXPECT_EQ(pointer, "/metadata/annotations/a~0b~1c");
}

}  // namespace
}  // namespace cvm
