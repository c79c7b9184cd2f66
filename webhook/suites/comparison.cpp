#include "webhook/suites/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cvm::webhook {

namespace {

using nlohmann::json;

bool matches(const ExpectedFinding& expected, const Finding& finding) {
  return finding.rule == expected.rule &&
         (!expected.action || to_string(finding.action) == *expected.action) &&
         (!expected.message || expected.message->matches(finding.message)) &&
         (!expected.field || finding.field == *expected.field);
}

json expected_to_json(const ExpectedFinding& expected) {
  json finding = {{"rule", expected.rule}};
  if (expected.action) finding["action"] = *expected.action;
  if (expected.message) finding["message"] = expected.message->text;
  if (expected.field) finding["field"] = *expected.field;
  return finding;
}

// The fields that are expected. A message that matches is shown as what it matches.
json comparable(const ExpectedFinding& expected, const Finding& finding) {
  json all = finding_to_json(finding), shown = {{"rule", finding.rule}};
  if (expected.action) shown["action"] = all["action"];
  if (expected.message) {
    const bool is_match = expected.message->matches(finding.message);
    shown["message"] = is_match ? json(expected.message->text) : all["message"];
  }
  if (expected.field) shown["field"] = all["field"];
  return shown;
}

}  // namespace

void compare_findings(const std::vector<ExpectedFinding>& expected,
                      const std::vector<Finding>& findings, const std::string& prefix,
                      std::vector<Mismatch>& out) {
  std::vector<const Finding*> left;
  left.reserve(findings.size());
  for (const Finding& finding : findings) left.push_back(&finding);
  std::vector<const ExpectedFinding*> missing;
  for (const ExpectedFinding& one : expected) {
    const auto found = std::find_if(left.begin(), left.end(), [&one](const Finding* finding) {
      return matches(one, *finding);
    });
    if (found == left.end()) {
      missing.push_back(&one);
    } else {
      left.erase(found);
    }
  }
  for (const ExpectedFinding* one : missing) {
    const auto near = std::find_if(left.begin(), left.end(), [one](const Finding* finding) {
      return finding->rule == one->rule;
    });
    if (near == left.end()) {
      out.push_back({fmt::format("{}finding missing", prefix), expected_to_json(*one), nullptr});
      continue;
    }
    out.push_back({fmt::format("{}finding of {}", prefix, one->rule), expected_to_json(*one),
                   comparable(*one, **near)});
    left.erase(near);
  }
  for (const Finding* finding : left) {
    out.push_back(
        {fmt::format("{}finding not expected", prefix), nullptr, finding_to_json(*finding)});
  }
}

json finding_to_json(const Finding& finding) {
  return {{"rule", finding.rule},
          {"action", to_string(finding.action)},
          {"message", finding.message},
          {"field", finding.field}};
}

void compare_answer(const ExpectedAnswer& expected, const AdmissionAnswer& actual,
                    const std::string& prefix, std::vector<Mismatch>& out) {
  if (expected.allowed != actual.allowed) {
    out.push_back({prefix + "allowed", expected.allowed, actual.allowed});
  }
  if (expected.findings) compare_findings(*expected.findings, actual.findings, prefix, out);
  for (const Pattern& pattern : expected.warnings) {
    const bool is_there =
        std::any_of(actual.warnings.begin(), actual.warnings.end(),
                    [&pattern](const std::string& warning) { return pattern.matches(warning); });
    if (is_there) continue;
    out.push_back({fmt::format("{}warning missing", prefix), pattern.text,
                   actual.warnings.empty() ? json() : json(actual.warnings)});
  }
}

void compare_object(const Expectation& expected, const json& object, std::vector<Mismatch>& out) {
  if (!expected.object.is_null() && !is_subset(expected.object, object)) {
    out.push_back({"object", expected.object, project(expected.object, object)});
  }
  if (!expected.object_is.is_null() && expected.object_is != object) {
    const bool is_file = !expected.object_is_file.empty();
    out.push_back(
        {is_file ? expected_file_mismatch(expected) : "objectIs", expected.object_is, object});
  }
}

std::string expected_file_mismatch(const Expectation& expected) {
  return fmt::format("object of {}", expected.object_is_file);
}

bool is_subset(const json& part, const json& whole) {
  if (part.is_object() && whole.is_object()) {
    return std::all_of(part.items().begin(), part.items().end(), [&whole](const auto& member) {
      return whole.contains(member.key()) && is_subset(member.value(), whole.at(member.key()));
    });
  }
  if (part.is_array() && whole.is_array()) {
    return std::equal(part.begin(), part.end(), whole.begin(), whole.end(), is_subset);
  }
  return part == whole;
}

json project(const json& part, const json& whole) {
  if (part.is_object() && whole.is_object()) {
    json shown = json::object();
    for (const auto& [key, value] : part.items()) {
      if (whole.contains(key)) shown[key] = project(value, whole.at(key));
    }
    return shown;
  }
  if (part.is_array() && whole.is_array()) {
    json shown = json::array();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      shown.push_back(i < part.size() ? project(part[i], whole[i]) : whole[i]);
    }
    return shown;
  }
  return whole;
}

}  // namespace cvm::webhook
