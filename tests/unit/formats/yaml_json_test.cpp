#include "webhook/formats/yaml_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cvm::webhook {
namespace {

std::string json_of(std::string_view yaml) {
  const auto documents = parse_yaml(yaml);
  if (!documents) return "error: " + documents.error().message;
  std::string all;
  for (const YamlDocument& document : *documents) {
    if (!all.empty()) all += " | ";
    all += document.json;
  }
  return all;
}

struct Case {
  std::string yaml, json;
};

void expect_each(const std::vector<Case>& cases) {
  for (const Case& test : cases) EXPECT_EQ(json_of(test.yaml), test.json) << test.yaml;
}

// The expected values of the scalar tables were read from kubectl 1.32 (label --local -o json).
TEST(YamlJson, ReadsPlainScalarsAsKubectlDoes) {
  expect_each({
      {"[y, Yes, YES, on, True, TRUE]", "[true,true,true,true,true,true]"},
      {"[n, No, off, OFF, false, False]", "[false,false,false,false,false,false]"},
      {"[yEs, nUll, oN, tRUE]", R"(["yEs","nUll","oN","tRUE"])"},
      {"[~, null, Null, NULL, ]", "[null,null,null,null]"},
      {"a:", R"({"a":null})"},
      {"a: text with spaces", R"({"a":"text with spaces"})"},
  });
}

TEST(YamlJson, ReadsNumbersAsKubectlDoes) {
  expect_each({
      {"[0, -0, 12, +12, -12]", "[0,0,12,12,-12]"},
      {"[0x1F, -0x10, 0b11, 0o17, 010, -017]", "[31,-16,3,15,8,-15]"},
      {"[08, 0x, 1_000, 1_0.5, _1]", R"([8,"0x",1000,10.5,"_1"])"},
      {"[.5, 5., 1.50, 1e3, 0.1e-7, -1E+2]", "[0.5,5,1.5,1000,1e-08,-100]"},
      {"[1:30, 2001-01-01, 1.2.3, 5m, 100m, 128Mi, -, 1e400]",
       R"(["1:30","2001-01-01","1.2.3","5m","100m","128Mi","-","1e400"])"},
      {"[18446744073709551615, 18446744073709551616, -99999999999999999999]",
       "[18446744073709551615,18446744073709551616,-99999999999999999999]"},
  });
}

TEST(YamlJson, RefusesNumbersThatJsonLacks) {
  expect_each({
      {"a: .inf",
       "error: line 1, column 4: expected a finite number, found .inf; quote it if it is meant as "
       "a "
       "string"},
      {"a:\n- -.Inf",
       "error: line 2, column 3: expected a finite number, found -.Inf; quote it if it is meant as "
       "a string"},
      {"a: .NaN",
       "error: line 1, column 4: expected a finite number, found .NaN; quote it if it is meant as "
       "a "
       "string"},
      {"a: '.inf'", R"({"a":".inf"})"},
  });
}

TEST(YamlJson, KeepsQuotedAndTaggedScalarsStrings) {
  expect_each({
      {R"(['true', "12", '~', ""])", R"(["true","12","~",""])"},
      {"[!!str 12, !!str true, ! 12]", R"(["12","true","12"])"},
      {"a: !!str null\nb: !!str\nc: !!str ~ # note\nd: !!str # note",
       R"({"a":"null","b":"","c":"~","d":""})"},
      {R"(["\u00e9\n\x41\"", 'it''s'])", R"(["é\nA\"","it's"])"},
      {"a: |\n  one\n  two\nb: >-\n  one\n  two", R"({"a":"one\ntwo\n","b":"one two"})"},
      {"['null', !!int \"12\", !!float 1, !!bool \"yes\", !!null ~]", R"(["null",12,1,true,null])"},
  });
}

TEST(YamlJson, RefusesTagsItDoesNotKnow) {
  expect_each({
      {"a: !foo x", "error: line 1, column 4: the tag !foo is not supported"},
      {"a: !!binary aGk=", "error: line 1, column 4: the tag !!binary is not supported"},
      {"a: !!set {x}",
       "error: line 1, column 4: the tag tag:yaml.org,2002:set is not supported here"},
      {"a: !!int x", "error: line 1, column 4: expected a value of the tag !!int, found \"x\""},
      {"a: !!int 1.5", "error: line 1, column 4: expected a value of the tag !!int, found \"1.5\""},
  });
}

TEST(YamlJson, MakesKeysStrings) {
  expect_each({
      {"1: a\ntrue: b\n1.5: c\n'x y': d\n", R"({"1":"a","true":"b","1.5":"c","x y":"d"})"},
      {"~: a", "error: line 1, column 1: expected a key, found null"},
      {"? [a]\n: b", "error: line 1, column 3: expected a scalar as a key"},
  });
}

TEST(YamlJson, RefusesDuplicateKeysWithBothLines) {
  expect_each({
      {"a: 1\nb: 2\na: 3\n",
       "error: line 3, column 1: the key \"a\" is given twice, first in line 1"},
      {"x:\n  a: 1\n  'a': 2\n",
       "error: line 3, column 3: the key \"a\" is given twice, first in line 2"},
      {R"({"a": 1, "a": 2})", "error: line 1, column 10: the key \"a\" is given twice"},
      {"{\"a\": 1,\n \"\\u0061\": 2}", "error: line 2, column 2: the key \"a\" is given twice"},
  });
}

TEST(YamlJson, SplitsDocumentsAndLeavesOutEmptyOnes) {
  expect_each({
      {"", ""},
      {"# nothing but a comment\n", ""},
      {"---\na: 1\n---\n---\n# note\n---\nb: 2\n...\n", R"({"a":1} | {"b":2})"},
      {"%YAML 1.2\n---\na: 1\n", R"({"a":1})"},
      {"\xEF\xBB\xBF"
       "a: 1\r\nb: 2\r\n",
       R"({"a":1,"b":2})"},
  });
}

TEST(YamlJson, ExpandsAliasesAndMergeKeys) {
  expect_each({
      {"a: &x [1, {b: 2}]\nc: *x\n", R"({"a":[1,{"b":2}],"c":[1,{"b":2}]})"},
      {"a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n", R"({"a":{"p":1,"q":2},"b":{"q":3,"p":1}})"},
      {"b: {q: 3, <<: {p: 1, q: 2}}", R"({"b":{"q":3,"p":1}})"},
      {"a: {<<: [{p: 1}, {p: 2, q: 3}]}", R"({"a":{"p":1,"q":3}})"},
      {"a: {'<<': 1}", R"({"a":{"<<":1}})"},
      {"a: {<<: 1}", "error: line 1, column 5: the merge key << needs a map or a list of maps"},
      {"a: &x 1\n---\nb: *x\n", "error: line 3, column 4: the referenced anchor is not defined"},
      {"a: &x [*x]", "error: line 1, column 8: the alias refers to a value that contains it"},
  });
}

TEST(YamlJson, StopsAtTheExpansionBudget) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i), before = "*a" + std::to_string(i - 1);
    bomb.append(name).append(": &").append(name).append(" [");
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", " : "") + before;
    bomb += "]\n";
  }
  EXPECT_NE(json_of(bomb).find("aliases expand to more than 1048576 bytes"), std::string::npos);

  std::string merges = "a: &a {";
  for (int i = 0; i < 1000; ++i) merges += "key-number-" + std::to_string(i) + ": x, ";
  merges += "}\nb:\n";
  for (int i = 0; i < 1000; ++i) merges += "- <<: *a\n";
  EXPECT_NE(json_of(merges).find("aliases expand to more than 1048576 bytes"), std::string::npos);
}

TEST(YamlJson, StopsAtTheDepthLimit) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(json_of(nested(kMaxYamlDepth)), nested(kMaxYamlDepth));
  EXPECT_EQ(json_of(nested(kMaxYamlDepth + 1)),
            "error: line 1, column 101: nested deeper than 100 levels");
  EXPECT_EQ(json_of("# YAML\n" + nested(kMaxYamlDepth + 1)),
            "error: line 2, column 101: nested deeper than 100 levels");

  std::string chain = "- &a0 [x]\n";
  for (int i = 1; i < 120; ++i) {
    chain += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_NE(json_of(chain).find("nested deeper than 100 levels"), std::string::npos);
}

TEST(YamlJson, SaysWhereTheTextIsBroken) {
  expect_each({
      {"a: [1, 2\nb: 3\n", "error: line 2, column 2: end of sequence flow not found"},
      {"a: 'open", "error: line 1, column 9: illegal EOF in scalar"},
      {"a: 1\n b: 2\n", "error: line 2, column 3: illegal map value"},
      {std::string("a: 1\nb: \x01\n"),
       "error: line 2, column 4: found a control character, expected printable text"},
      {std::string("a: 1\nb: x\0y\n", 11),
       "error: line 2, column 5: found a control character, expected printable text"},
      {"a: 1\nb: \xff\n", "error: line 2, column 1: found bytes that are not UTF-8"},
  });
}

TEST(YamlJson, TakesJsonAsItIs) {
  const std::string json = "{\"a\": [1.50, \"\\ud83d\\ude00\", \"\\/\", 1e3],\n \"b\x7f\": {}}\n";
  EXPECT_EQ(json_of(json), json);
}

void expect_position(const YamlDocument& document, std::string_view pointer, int line, int column) {
  const TextPosition where = document.position_of(pointer);
  EXPECT_EQ(where.line, line) << pointer;
  EXPECT_EQ(where.column, column) << pointer;
}

TEST(YamlJson, CountsColumnsInCharacters) {
  // Characters of 2, 3 and 4 bytes; the first text is YAML, the second JSON.
  for (const std::string text :
       {"{\"é€😀\": \"x\", 'b': [\"é\", {c: d}]}", R"({"é€😀": "x", "b": ["é", {}]})"}) {
    SCOPED_TRACE(text);
    const auto documents = parse_yaml(text);
    ASSERT_TRUE(documents);
    expect_position(documents->at(0), "/é€😀", 1, 9);
    expect_position(documents->at(0), "/b/0", 1, 20);
    expect_position(documents->at(0), "/b/1", 1, 25);
  }
  for (const std::string text : {"{é: 1, é: 2}", "{é: 1, \"é\": \x01}", R"({"é":1,"é": 1})"}) {
    const auto fault = parse_yaml(text);
    ASSERT_FALSE(fault) << text;
    const std::string column = text.find('\x01') == std::string::npos ? "8" : "13";
    EXPECT_THAT(fault.error().message, testing::StartsWith("line 1, column " + column)) << text;
  }
}

TEST(YamlJson, KnowsWhereValuesAndKeysStand) {
  const auto documents = parse_yaml(
      "# a pod\n"
      "---\n"
      "metadata:\n"
      "  labels: {a/b: x}\n"
      "spec:\n"
      "  containers:\n"
      "  - name: dev\n"
      "    image:\n"
      "---\n"
      "second: 1\n");
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->size(), 2u);
  const YamlDocument& pod = documents->front();
  expect_position(pod, "", 3, 1);
  expect_position(pod, "/metadata/labels/a~1b", 4, 17);
  expect_position(pod, "/spec/containers/0/name", 7, 11);
  expect_position(pod, "/spec/containers/0/image", 8, 5);
  expect_position(pod, "/spec/containers/0/absent/deeper", 7, 5);
  expect_position(documents->back(), "/second", 10, 9);
  EXPECT_EQ(pod.key_position_of("/spec/containers/0/name").column, 5);
  EXPECT_EQ(pod.key_position_of("/spec/containers/0").column, 5);
}

TEST(YamlJson, KnowsWhereValuesStandInJson) {
  const auto documents = parse_yaml("{\n \"a\": [1, {\"b~c\": \"x\\\"y\",\n  \"d\": true}]\n}\n");
  ASSERT_TRUE(documents);
  const YamlDocument& document = documents->front();
  expect_position(document, "", 1, 1);
  expect_position(document, "/a/0", 2, 8);
  expect_position(document, "/a/1/b~0c", 2, 19);
  expect_position(document, "/a/1/d", 3, 8);
}

}  // namespace
}  // namespace cvm::webhook
