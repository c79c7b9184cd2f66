#include "webhook/commands/evaluation_output.hpp"

#include "webhook/commands/text_diff.hpp"
#include "webhook/commands/yaml_writer.hpp"

namespace cvm::webhook {
namespace {

std::string describe(const EvaluatedFinding& finding) {
  std::string line = "cvm/" + finding.rule + ": " + finding.message;
  if (!finding.field.empty()) line += " (" + finding.field + ")";
  return line;
}

std::string describe_verdict(const Evaluation& result, const Painter& painter) {
  if (!result.allowed) return painter.bold_red("refused");
  if (!result.is_cvm) return painter.bold_green("admitted") + " untouched, not a CVM";
  if (result.patch.empty()) return painter.bold_green("admitted") + " as the CVM that it is";
  return painter.bold_green("admitted") + " as a CVM";
}

std::string describe_profile(const Evaluation& result) {
  return result.profile.empty() ? "" : ", by profile " + result.profile;
}

std::string paint_action(const std::string& action, const Painter& painter) {
  const std::string padded = action + std::string(6 - action.size(), ' ');
  if (action == "deny") return painter.red(padded);
  return action == "warn" ? painter.yellow(padded) : padded;
}

}  // namespace

std::string print_as_text(const Evaluation& result, const OrderedJson& before,
                          const Painter& painter) {
  std::string out = painter.bold(result.name) + ": " + describe_verdict(result, painter) +
                    describe_profile(result) + "\n";
  for (const EvaluatedFinding& finding : result.findings) {
    out += "  " + paint_action(finding.action, painter) + describe(finding) + "\n";
  }
  if (!result.patch.empty()) {
    out += painter.bold("--- " + result.name + " as given") + "\n";
    out += painter.bold("+++ " + result.name + " as a CVM") + "\n";
    out += paint_diff(unified_diff(write_yaml(before), write_yaml(result.object)), painter);
  }
  return out;
}

std::string print_as_json(const Evaluation& result) {
  OrderedJson findings = OrderedJson::array();
  for (const EvaluatedFinding& finding : result.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"action", finding.action},
                        {"message", finding.message},
                        {"field", finding.field}});
  }
  const OrderedJson document = {{"name", result.name},         {"allowed", result.allowed},
                                {"profile", result.profile},   {"findings", findings},
                                {"warnings", result.warnings}, {"patch", result.patch},
                                {"object", result.object}};
  return document.dump(2) + "\n";
}

std::string print_refusal(const Evaluation& result) {
  std::string out;
  for (const EvaluatedFinding& finding : result.findings) {
    if (finding.action == "deny") out += describe(finding) + "\n";
  }
  return out;
}

}  // namespace cvm::webhook
