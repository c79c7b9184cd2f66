#include "tests/policies/suite.hpp"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <set>
#include <sstream>
#include <stdexcept>

#include "webhook/config/yaml_json.hpp"

namespace cvm::testing {

namespace {

using nlohmann::json;

// A value of a suite and where it stands, for error messages.
struct Place {
  const json& value;
  std::string path;

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error((path.empty() ? "suite" : path) + ": " + what);
  }

  void expect_keys(std::initializer_list<std::string_view> known) const {
    if (!value.is_object()) fail("expected an object");
    for (const auto& [key, member] : value.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail("unknown key \"" + key + "\"");
      }
    }
  }

  bool has(const std::string& key) const { return value.contains(key); }

  Place at(const std::string& key) const {
    if (!has(key)) fail("expected the key \"" + key + "\"");
    return {value.at(key), path.empty() ? key : path + "." + key};
  }

  std::vector<Place> items() const {
    if (!value.is_array()) fail("expected a list");
    std::vector<Place> places;
    for (std::size_t index = 0; index < value.size(); ++index) {
      places.push_back({value.at(index), path + "[" + std::to_string(index) + "]"});
    }
    return places;
  }

  std::string text() const {
    if (!value.is_string() || value.get<std::string>().empty()) fail("expected a text");
    return value.get<std::string>();
  }

  bool boolean() const {
    if (!value.is_boolean()) fail("expected true or false");
    return value.get<bool>();
  }

  json object() const {
    if (!value.is_object()) fail("expected an object");
    return value;
  }
};

ExpectedFinding parse_finding(const Place& place) {
  place.expect_keys({"rule", "action", "message", "field"});
  ExpectedFinding finding;
  finding.rule = place.at("rule").text();
  if (place.has("action")) finding.action = place.at("action").text();
  if (place.has("message")) finding.message = place.at("message").text();
  if (place.has("field")) finding.field = place.at("field").text();
  return finding;
}

Expectation parse_expectation(const Place& place) {
  place.expect_keys({"allowed", "cvm", "profile", "findings", "warnings", "object"});
  Expectation expect;
  expect.allowed = place.at("allowed").boolean();
  if (place.has("cvm")) expect.cvm = place.at("cvm").boolean();
  if (place.has("profile")) expect.profile = place.at("profile").value.get<std::string>();
  if (place.has("findings")) {
    expect.findings.emplace();
    for (const Place& item : place.at("findings").items()) {
      expect.findings->push_back(parse_finding(item));
    }
  }
  if (place.has("warnings")) {
    for (const Place& item : place.at("warnings").items()) expect.warnings.push_back(item.text());
  }
  if (place.has("object")) {
    if (!expect.allowed) place.fail("a refused pod has no object");
    expect.object = place.at("object").object();
  }
  return expect;
}

json nodes_at(const Place& place) {
  place.items();
  return place.value;
}

PolicyCase parse_case(const Place& suite, const Place& place) {
  place.expect_keys({"name", "settings", "pod", "nodes", "hostVolumes", "unmappable",
                     "runtimeClass", "namespaceProfile", "enforcedLevel", "change", "connect",
                     "namespaceLabels", "subresource", "expect"});
  PolicyCase parsed;
  parsed.name = place.at("name").text();
  parsed.settings = suite.has("settings") ? suite.at("settings").object() : json::object();
  if (place.has("settings")) parsed.settings.merge_patch(place.at("settings").object());
  parsed.pod = suite.at("pod").object();
  if (place.has("pod")) parsed.pod.merge_patch(place.at("pod").object());
  if (suite.has("nodes")) parsed.nodes = nodes_at(suite.at("nodes"));
  if (place.has("nodes")) parsed.nodes = nodes_at(place.at("nodes"));
  const auto read_claims = [&place](const std::string& key,
                                    std::map<std::string, std::string>& claims) {
    if (!place.has(key)) return;
    const json volumes = place.at(key).object();
    for (const auto& [claim, what] : volumes.items()) claims[claim] = what.get<std::string>();
  };
  read_claims("hostVolumes", parsed.host_volumes);
  read_claims("unmappable", parsed.unmappable);
  if (place.has("runtimeClass")) {
    place.at("runtimeClass").expect_keys({"found", "handler", "nodeSelector"});
    parsed.runtime_class = place.at("runtimeClass").object();
  }
  if (place.has("enforcedLevel")) parsed.enforced_level = place.at("enforcedLevel").text();
  if (place.has("namespaceProfile")) {
    parsed.namespace_profile = place.at("namespaceProfile").text();
  }
  const std::pair<const char*, std::optional<json>&> calls[] = {
      {"change", parsed.change},
      {"connect", parsed.connect},
      {"namespaceLabels", parsed.namespace_labels}};
  int later = 0;
  for (const auto& [key, call] : calls) {
    if (!place.has(key)) continue;
    call = place.at(key).object();
    ++later;
  }
  if (later > 1) place.fail("expected one call after the pod's creation, found several");
  if (parsed.connect) place.at("connect").expect_keys({"subresource", "container"});
  if (place.has("subresource")) parsed.subresource = place.at("subresource").text();
  parsed.expect = parse_expectation(place.at("expect"));
  if (later > 0 && !parsed.expect.object.is_null()) place.fail("a later call gives no object");
  return parsed;
}

std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream contents;
  contents << in.rdbuf();
  if (!in) throw std::runtime_error("cannot be read");
  return contents.str();
}

}  // namespace

bool PolicyCase::expects_finding_of(std::string_view rule) const {
  return expect.findings &&
         std::any_of(expect.findings->begin(), expect.findings->end(),
                     [rule](const ExpectedFinding& finding) { return finding.rule == rule; });
}

std::vector<PolicyCase> parse_suite(std::string_view yaml, const std::string& folder,
                                    const std::string& file) {
  const auto documents = webhook::parse_yaml(yaml);
  if (!documents) throw std::runtime_error(documents.error().message);
  if (documents->size() != 1) throw std::runtime_error("expected one document");
  const json root = json::parse(documents->front().json);
  const Place suite{root, ""};
  suite.expect_keys({"apiVersion", "kind", "name", "settings", "nodes", "pod", "cases"});
  if (suite.at("apiVersion").text() != "cvm-webhook.io/v1alpha1") {
    suite.at("apiVersion").fail("expected cvm-webhook.io/v1alpha1");
  }
  if (suite.at("kind").text() != "CvmPolicyTest") suite.at("kind").fail("expected CvmPolicyTest");
  suite.at("name").text();

  std::vector<PolicyCase> cases;
  for (const Place& item : suite.at("cases").items()) {
    cases.push_back(parse_case(suite, item));
    cases.back().folder = folder;
    cases.back().file = file;
  }
  if (cases.empty()) suite.at("cases").fail("expected at least one case");
  return cases;
}

std::vector<PolicyCase> load_suites(const std::filesystem::path& root) {
  std::vector<PolicyCase> all;
  for (const auto& folder : sorted_entries(root)) {
    if (!std::filesystem::is_directory(folder)) continue;
    std::set<std::string> names;
    for (const auto& file : sorted_entries(folder)) {
      try {
        if (file.extension() != ".yaml") throw std::runtime_error("expected only .yaml files");
        for (PolicyCase& one : parse_suite(contents_of(file), folder.filename(), file.filename())) {
          if (!names.insert(one.name).second) {
            throw std::runtime_error("a second case is named \"" + one.name + "\"");
          }
          all.push_back(std::move(one));
        }
      } catch (const std::exception& error) {
        throw std::runtime_error(file.string() + ": " + error.what());
      }
    }
    if (names.empty()) throw std::runtime_error(folder.string() + ": no suite in this folder");
  }
  if (all.empty()) throw std::runtime_error(root.string() + ": no suites");
  return all;
}

}  // namespace cvm::testing
