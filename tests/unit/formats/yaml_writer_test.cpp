#include "webhook/formats/yaml_writer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::ordered_json;

TEST(YamlWriter, WritesAsKubectlDoes) {
  const Json pod = Json::parse(R"({
    "kind": "Pod", "metadata": {"name": "a", "labels": {}, "annotations": {"x/y": "1", "t": "true"}},
    "spec": {"list": [], "containers": [{"name": "dev", "args": ["a b", "", "c: d", "#x"],
      "ports": [{"port": 80}, 7, null, 1.5, [1, [2]]]}], "script": "one\n\n  two\n", "last": "a\nb"}})");
  EXPECT_EQ(write_yaml(pod),
            "kind: Pod\n"
            "metadata:\n"
            "  name: a\n"
            "  labels: {}\n"
            "  annotations:\n"
            "    x/y: \"1\"\n"
            "    t: \"true\"\n"
            "spec:\n"
            "  list: []\n"
            "  containers:\n"
            "  - name: dev\n"
            "    args:\n"
            "    - a b\n"
            "    - \"\"\n"
            "    - \"c: d\"\n"
            "    - \"#x\"\n"
            "    ports:\n"
            "    - port: 80\n"
            "    - 7\n"
            "    - null\n"
            "    - 1.5\n"
            "    -\n"
            "      - 1\n"
            "      -\n"
            "        - 2\n"
            "  script: |\n"
            "    one\n"
            "\n"
            "      two\n"
            "  last: |-\n"
            "    a\n"
            "    b\n");
}

TEST(YamlWriter, WritesScalarsAndEmptyValues) {
  EXPECT_EQ(write_yaml(Json::object()), "{}\n");
  EXPECT_EQ(write_yaml(Json::array()), "[]\n");
  EXPECT_EQ(write_yaml("x"), "x\n");
  EXPECT_EQ(write_yaml(nullptr), "null\n");
}

void expect_round_trip(const Json& value) {
  const std::string yaml = write_yaml(value);
  const auto documents = parse_yaml(yaml);
  ASSERT_TRUE(documents) << documents.error().message << "\n" << yaml;
  ASSERT_EQ(documents->size(), 1u) << yaml;
  EXPECT_EQ(Json::parse(documents->front().json), value) << yaml;
}

TEST(YamlWriter, IsReadBackAsTheSameValue) {
  for (const char* text : {"",          " ",          "a ",
                           " a",        "yes",        "Off",
                           "~",         "null",       "0x1F",
                           "1e3",       "1_000",      ".5",
                           "12",        "-",          "- a",
                           "-a",        "?",          "? a",
                           ":",         "a:",         "a: b",
                           "a:b",       "a #b",       "a#b",
                           "#",         "&a",         "*a",
                           "!a",        "|",          ">",
                           "@a",        "`a",         "%a",
                           "[a",        "]a",         "{a",
                           "}a",        ",a",         "\"a",
                           "'a",        "a'b",        "a\"b",
                           "a\\b",      "<<",         "=",
                           "---",       "...",        "--- a",
                           "a\tb",      "\ta",        "a\n",
                           "\na",       "a\n\n",      "a\n b",
                           " a\nb",     "a \nb",      "a\n\nb",
                           "a\n b\n",   "\n",         "a\r\nb",
                           "\x01",      "\x7f",       "é",
                           "é\nü",      "2001-01-01", "1:30",
                           "a\n---\nb", "a\n# b\n",   "\xF0\x9F\x98\x80",
                           ".inf",      "\u2028",     "\uFEFF"}) {
    expect_round_trip(Json{{"key", text}});
    expect_round_trip(Json{{text, "value"}});
    expect_round_trip(Json::array({text, Json{{"a", text}, {"b", 1}}, Json::array({text})}));
  }
}

TEST(YamlWriter, IsReadBackForRandomStrings) {
  std::mt19937 random(1);
  const std::string alphabet = "ab1 :#-\n\t'\"\\[]{},&*!|>%@`?.~=<0x_";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const unsigned length = random() % 9;
    for (unsigned i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
    expect_round_trip(Json{{"outer", Json::array({Json{{"key", text}}})}, {"next", text}});
  }
}

}  // namespace
}  // namespace cvm::webhook
