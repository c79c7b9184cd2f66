// The key `expect` of a case.

#include <fmt/format.h>

#include <filesystem>

#include "policies/model/closest_name.hpp"
#include "policies/rules/registry.hpp"
#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

void read_rule(const DocumentValue& value, std::string& out) {
  static const std::vector<std::string_view> known = [] {
    std::vector<std::string_view> names;
    for (const RuleDescriptor* rule : all_rules()) names.push_back(rule->id);
    return names;
  }();
  read_text(value, out);
  if (out.empty() || std::find(known.begin(), known.end(), out) != known.end()) return;
  value.add_mistake(
      fmt::format("expected the id of a rule, found \"{}\"{}", out, did_you_mean(out, known)));
}

class ExpectationReader {
 public:
  ExpectationReader(SuiteReading& reading, bool may_lack_files)
      : reading_(reading), may_lack_files_(may_lack_files) {}

  void read(const DocumentValue& value, Expectation& out) {
    value.read_fields({
        {"allowed", [&](const auto& one) { one.read(out.allowed); }},
        {"cvm", [&](const auto& one) { one.read(out.cvm.emplace()); }},
        {"profile", [&](const auto& one) { one.read(out.profile.emplace()); }},
        {"findings", [&](const auto& one) { read_findings(one, out.findings); }},
        {"warnings", [&](const auto& one) { read_warnings(one, out); }},
        {"object", [&](const auto& one) { read_object(one, out.object); }},
        {"objectIs", [&](const auto& one) { read_object(one, out.object_is); }},
        {"objectIsFile", [&](const auto& one) { read_object_file(one, out); }},
        {"idempotent", [&](const auto& one) { one.read(out.idempotent); }},
        {"template", [&](const auto& one) { read_answer(one, out.of_template.emplace()); }},
        {"nodes", [&](const auto& one) { read_nodes(one, out); }},
    });
    expect_allowed(value);
    for (const char* key : {"object", "objectIs", "objectIsFile"}) {
      const auto object = value.find(key);
      if (object && !out.allowed) object->add_key_mistake("a refused pod has no object");
    }
    if (value.find("objectIs") && value.find("objectIsFile")) {
      value.find("objectIsFile")->add_key_mistake("expected one of objectIs and objectIsFile");
    }
  }

 private:
  static void expect_allowed(const DocumentValue& value) {
    if (!value.json().is_object() || value.find("allowed")) return;
    value.add_mistake("expected the key allowed (true or false), found no such key");
  }

  void read_answer(const DocumentValue& value, ExpectedAnswer& out) {
    value.read_fields({
        {"allowed", [&](const auto& one) { one.read(out.allowed); }},
        {"findings", [&](const auto& one) { read_findings(one, out.findings); }},
        {"warnings", [&](const auto& one) { read_warnings(one, out); }},
    });
    expect_allowed(value);
  }

  using Findings = std::optional<std::vector<ExpectedFinding>>;

  void read_findings(const DocumentValue& value, Findings& out) {
    out.emplace();
    value.read_elements([&](const DocumentValue& item) {
      ExpectedFinding& finding = out->emplace_back();
      item.read_fields({
          {"rule", [&](const auto& one) { read_rule(one, finding.rule); }},
          {"action",
           [&](const auto& one) {
             std::string& action = finding.action.emplace();
             one.template read_choice<std::string>(
                 action, {{"deny", "deny"}, {"warn", "warn"}, {"audit", "audit"}});
           }},
          {"message", [&](const auto& one) { finding.message = reading_.read_pattern(one); }},
          {"field", [&](const auto& one) { read_text(one, finding.field.emplace()); }},
      });
      if (item.json().is_object() && !item.find("rule")) {
        item.add_mistake("expected the key rule, found no such key");
      }
    });
  }

  void read_warnings(const DocumentValue& value, ExpectedAnswer& out) {
    value.read_elements([&](const DocumentValue& item) {
      if (auto pattern = reading_.read_pattern(item)) out.warnings.push_back(std::move(*pattern));
    });
  }

  static void read_object(const DocumentValue& value, nlohmann::json& out) {
    if (auto object = read_map(value)) out = std::move(*object);
  }

  void read_object_file(const DocumentValue& value, Expectation& out) {
    std::string name;
    read_text(value, name);
    if (name.empty()) return;
    out.object_is_file = reading_.resolve(name);
    if (may_lack_files_ && !std::filesystem::exists(out.object_is_file)) return;
    if (!std::filesystem::exists(out.object_is_file)) {
      value.add_mistake(
          fmt::format("{}: expected a pod, found no file; `cvm-webhook test --update` writes it",
                      out.object_is_file));
      return;
    }
    if (auto object = reading_.read_object_file(value)) out.object_is = std::move(object->value);
  }

  // A node is not refused for a field of the pod.
  void read_findings_of_node(const DocumentValue& value, Findings& out) {
    read_findings(value, out);
    value.read_elements([](const DocumentValue& item) {
      const auto field = item.find("field");
      if (field) field->add_key_mistake("a finding of a node has no field");
    });
  }

  void read_nodes(const DocumentValue& value, Expectation& out) {
    value.read_entries([&](const std::string& name, const DocumentValue& node) {
      ExpectedNode& expected = out.nodes[name];
      node.read_fields({
          {"canHost", [&](const auto& one) { one.read(expected.can_host.emplace()); }},
          {"rules",
           [&](const auto& one) {
             auto& rules = expected.rules.emplace();
             one.read_elements([&](const auto& rule) { read_rule(rule, rules.emplace_back()); });
           }},
          {"findings", [&](const auto& one) { read_findings_of_node(one, expected.findings); }},
      });
    });
  }

  SuiteReading& reading_;
  const bool may_lack_files_;
};

}  // namespace

void read_expectation(SuiteReading& reading, const DocumentValue& value, bool may_lack_files,
                      Expectation& out) {
  ExpectationReader(reading, may_lack_files).read(value, out);
}

}  // namespace cvm::webhook
