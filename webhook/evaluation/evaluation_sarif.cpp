#include "webhook/evaluation/evaluation_sarif.hpp"

#include <fmt/format.h>

#include <boost/url.hpp>

#include "policies/rules/registry.hpp"
#include "webhook/formats/json_places.hpp"

namespace cvm::webhook {
namespace {

const char* level_of(RuleAction action) {
  switch (action) {
    case RuleAction::kDeny:
      return "error";
    case RuleAction::kWarn:
      return "warning";
    case RuleAction::kAudit:
      return "note";
    case RuleAction::kOff:
      break;
  }
  return "none";
}

// A relative reference: a file's name may hold what a URI may not.
std::string uri_of(const std::string& file) {
  if (file.starts_with('<')) return "stdin";
  // Two slashes at the beginning would name a host.
  const std::size_t extra = file.starts_with("//") ? file.find_first_not_of('/') - 1 : 0;
  return boost::urls::encode(file.substr(extra), boost::urls::unreserved_chars + '/');
}

OrderedJson rules() {
  OrderedJson all = OrderedJson::array();
  for (const RuleDescriptor* rule : all_rules()) {
    all.push_back({{"id", "cvm/" + std::string(rule->id)},
                   {"shortDescription", {{"text", rule->summary}}},
                   {"fullDescription", {{"text", rule->explanation.checks}}},
                   {"help", {{"text", rule->explanation.fix}}},
                   {"defaultConfiguration", {{"level", level_of(rule->default_action)}}}});
  }
  return all;
}

OrderedJson result_of(const Evaluation& evaluation, const Finding& finding, const InputFile& file) {
  const PodDocument& document = *evaluation.document;
  const TextPosition where =
      document.document->position_of(document.base + field_to_pointer(finding.field));
  const OrderedJson physical = {
      {"artifactLocation", {{"uri", uri_of(file.name)}}},
      {"region", {{"startLine", where.line}, {"startColumn", where.column}}}};
  const OrderedJson logical = {
      {"fullyQualifiedName",
       fmt::format("{}/{}/{}: {}", evaluation.ns, evaluation.kind, evaluation.name, finding.field)},
      {"kind", "object"}};
  const OrderedJson location = {{"physicalLocation", physical},
                                {"logicalLocations", OrderedJson::array({logical})}};
  return {{"ruleId", "cvm/" + std::string(finding.rule)},
          {"level", level_of(finding.action)},
          {"message", {{"text", fmt::format("{}: {}", evaluation.display_name, finding.message)}}},
          {"locations", OrderedJson::array({location})}};
}

}  // namespace

std::string print_as_sarif(const std::vector<Evaluation>& results, const InputFile& file) {
  OrderedJson found = OrderedJson::array();
  for (const Evaluation& evaluation : results) {
    for (const Finding& finding : evaluation.findings) {
      found.push_back(result_of(evaluation, finding, file));
    }
  }
  const OrderedJson driver = {
      {"name", "cvm-webhook"}, {"version", CVM_VERSION}, {"rules", rules()}};
  const OrderedJson run = {{"tool", {{"driver", driver}}},
                           {"columnKind", "unicodeCodePoints"},
                           {"results", std::move(found)}};
  const OrderedJson log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                           {"version", "2.1.0"},
                           {"runs", OrderedJson::array({run})}};
  return log.dump(2) + "\n";
}

}  // namespace cvm::webhook
