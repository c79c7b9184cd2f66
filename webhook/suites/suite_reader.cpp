#include "webhook/suites/suite_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "webhook/formats/text_file.hpp"
#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

constexpr std::string_view kApiVersion = "cvm-webhook.io/v1alpha1";
constexpr std::string_view kKind = "CvmPolicyTest";

// Keys that others than this reader read: all but the last are a suite's, all but the first a
// case's.
constexpr std::string_view kReadElsewhere[] = {
    "cases",   "settings", "settingsFile", "node",   "nodes",      "nodesFiles", "pod",
    "podFile", "object",   "objectFile",   "review", "reviewFile", "operation"};
constexpr std::span kOfSuites = std::span(kReadElsewhere).first(std::size(kReadElsewhere) - 1);
constexpr std::span kOfCases = std::span(kReadElsewhere).subspan(1);

void expect_word(const DocumentValue& value, std::string_view word) {
  value.choose(std::span(&word, 1));
}

class SuiteReader {
 public:
  SuiteReader(SuiteReading& reading, const SuiteOptions& options, Suite& suite)
      : reading_(reading), options_(options), suite_(suite), cluster_(reading, suite) {}

  void read(const DocumentValue& root) {
    root.read_fields(
        {
            {"apiVersion", [](const auto& one) { expect_word(one, kApiVersion); }},
            {"kind", [](const auto& one) { expect_word(one, kKind); }},
            {"name", [this](const auto& one) { read_text(one, suite_.name); }},
        },
        kOfSuites);
    expect_key(root, "apiVersion", kApiVersion);
    expect_key(root, "kind", kKind);
    expect_key(root, "name", "of the suite");
    expect_key(root, "cases", "a list of at least one case");
    cluster_.read_suite(root);
    base_ = read_input(reading_, root, std::nullopt);
    const auto cases = root.find("cases");
    if (!cases) return;
    if (cases->json().is_array() && cases->json().empty()) {
      cases->add_mistake("expected at least one case, found none");
    }
    cases->read_elements([this](const DocumentValue& item) { read_case(item); });
  }

 private:
  void read_case(const DocumentValue& value) {
    SuiteCase one;
    value.read_fields(
        {
            {"name", [&](const auto& name) { read_text(name, one.name); }},
            {"user", [&](const auto& user) { read_user(user, one.caller); }},
            {"hostVolumes", [&](const auto& claims) { read_strings(claims, one.host_volumes); }},
            {"unmappable", [&](const auto& claims) { read_strings(claims, one.unmappable); }},
            {"runtimeClass", [&](const auto& map) { read_runtime_class(map, one); }},
            {"namespaceProfile", [&](const auto& text) { read_text(text, one.namespace_profile); }},
            {"enforcedLevel",
             [&](const auto& level) {
               level.template read_choice<std::string>(one.enforced_level,
                                                       {{"privileged", "privileged"},
                                                        {"baseline", "baseline"},
                                                        {"restricted", "restricted"}});
             }},
            {"change", [&](const auto& map) { one.change = read_map(map); }},
            {"connect", [&](const auto& map) { read_connect(map, one); }},
            {"bind", [&](const auto& map) { read_bind(map, one); }},
            {"namespaceLabels", [&](const auto& map) { one.namespace_labels = read_map(map); }},
            {"subresource", [&](const auto& text) { read_text(text, one.subresource); }},
            {"expect",
             [&](const auto& expect) {
               read_expectation(reading_, expect, options_.may_lack_expected_files, one.expect);
             }},
        },
        kOfCases);
    if (!value.json().is_object()) return;
    expect_key(value, "name", "of the case");
    expect_key(value, "expect", "what must become of it");
    const TextPosition where = reading_.document().position_of(value.pointer());
    one.place = {reading_.file(), where.line, where.column};
    check_name(value, one);
    cluster_.read_case(value, one);
    if (auto input = read_input(reading_, value, base_)) {
      one.input_kind = input->kind;
      one.input = std::move(input->value);
      one.input_sources = std::move(input->sources);
    } else if (!reading_.has_mistakes()) {
      value.add_mistake("expected a pod, an object or a review, here or in the suite, found none");
    }
    check_calls(value, one, suite_.nodes[one.nodes].get());
    check_expectation(value, one);
    suite_.cases.push_back(std::move(one));
  }

  void check_name(const DocumentValue& value, const SuiteCase& one) {
    if (one.name.empty()) return;
    const auto [first, is_new] = lines_.try_emplace(one.name, one.place.line);
    if (is_new) return;
    value.find("name")->add_mistake(
        fmt::format("expected another name than that of the case of line {}, found \"{}\"",
                    first->second, one.name));
  }

  static void read_user(const DocumentValue& value, Caller& out) {
    value.read_fields({
        {"name", [&](const auto& name) { read_text(name, out.name); }},
        {"groups", [&](const auto& groups) { groups.read(out.groups); }},
    });
  }

  static void read_runtime_class(const DocumentValue& value, SuiteCase& one) {
    RuntimeClassOfCase& out = one.runtime_class.emplace();
    value.read_fields({
        {"found", [&](const auto& found) { found.read(out.found); }},
        {"handler", [&](const auto& handler) { handler.read(out.handler); }},
        {"nodeSelector", [&](const auto& map) { read_strings(map, out.node_selector); }},
    });
  }

  // Expectations of nodes and of the template have something to be about.
  void check_expectation(const DocumentValue& value, const SuiteCase& one) const {
    const auto expect = value.find("expect");
    if (!expect) return;
    if (const auto of_template = expect->find("template");
        of_template && one.input_kind != SuiteCase::Input::kObject) {
      of_template->add_key_mistake("expected a case of an object");
    }
    const auto nodes = expect->find("nodes");
    if (!nodes || !nodes->json().is_object()) return;
    nodes->read_entries([&](const std::string& name, const DocumentValue& node) {
      const std::string mistake = mistake_in_node_name(name, suite_.nodes[one.nodes].get());
      if (!mistake.empty()) node.add_key_mistake(mistake);
    });
  }

  SuiteReading& reading_;
  const SuiteOptions& options_;
  Suite& suite_;
  ClusterReader cluster_;
  std::optional<SourcedInput> base_;
  std::map<std::string, int> lines_;  // of the names of cases
};

}  // namespace

SuiteResult parse_suite(std::string_view yaml, const std::string& file,
                        const SuiteOptions& options) {
  SuiteResult result;
  result.suite.file = file;
  auto documents = parse_yaml(yaml);
  if (!documents) {
    std::string message = documents.error().message;
    const TextPosition where = take_position(message);
    result.mistakes.push_back(
        fmt::format("{}: {}", FilePlace{file, where.line, where.column}.text(), message));
    return result;
  }
  if (documents->size() != 1) {
    const TextPosition where =
        documents->empty() ? TextPosition() : documents->at(1).position_of("");
    result.mistakes.push_back(fmt::format(
        "{}: expected one suite, found {}", FilePlace{file, where.line, where.column}.text(),
        documents->empty() ? "an empty file" : "several documents"));
    return result;
  }
  const auto document = std::make_shared<const YamlDocument>(std::move(documents->front()));
  const json root = json::parse(document->json);
  SuiteReading reading(file, document);
  SuiteReader(reading, options, result.suite)
      .read(DocumentValue(root, *document, reading.result()));
  result.suite.read_files = reading.read_files();
  result.mistakes = reading.describe_mistakes();
  return result;
}

SuiteResult load_suite(const std::string& file, const SuiteOptions& options) {
  const auto text = read_text_file(file);
  if (text) return parse_suite(*text, file, options);
  SuiteResult result;
  result.mistakes.push_back(fmt::format("{}: {}", file, text.error().message));
  return result;
}

}  // namespace cvm::webhook
