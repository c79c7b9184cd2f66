#include "tests/policies/case_test.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <regex>

#include "policies/nodes/node_store.hpp"
#include "policies/profiles.hpp"
#include "tests/policies/admission_client.hpp"
#include "tests/policies/plan_parts.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/kubernetes/node_decoder.hpp"
#include "webhook/kubernetes/pod_watcher.hpp"

namespace cvm::testing {

namespace {

using nlohmann::json;

bool matches(const std::string& text, const std::string& expression) {
  return std::regex_search(text, std::regex(expression));
}

bool matches(const Finding& finding, const ExpectedFinding& expected) {
  return finding.rule == expected.rule &&
         (!expected.action || to_string(finding.action) == *expected.action) &&
         (!expected.message || matches(finding.message, *expected.message)) &&
         (!expected.field || finding.field == *expected.field);
}

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += "\n  ";
    text += finding.rule;
    text += ' ';
    text += to_string(finding.action);
    text += ": " + finding.message + " [" + finding.field + "]";
  }
  return text.empty() ? " none" : text;
}

Snapshot snapshot_of(const PolicyCase& one) {
  webhook::SettingsResult settings = webhook::parse_settings_body(one.settings.dump());
  if (!settings.ok()) throw std::runtime_error(settings.describe("settings"));
  Snapshot snapshot = make_snapshot(std::move(settings.settings));
  if (one.nodes) {
    const json list = {{"apiVersion", "v1"}, {"kind", "NodeList"}, {"items", *one.nodes}};
    auto nodes = webhook::decode_nodes(list.dump());
    if (!nodes) throw std::runtime_error("nodes: " + nodes.error().message);
    use_nodes(snapshot, make_catalog(std::move(*nodes)));
  }
  if (one.runtime_class) {
    RuntimeClassFacts facts;
    facts.found = one.runtime_class->value("found", true);
    facts.handler = one.runtime_class->value("handler", "");
    facts.node_selector = one.runtime_class->value("nodeSelector", facts.node_selector);
    snapshot.runtime_class = std::make_shared<const RuntimeClassFacts>(std::move(facts));
  }
  if (!one.host_volumes.empty() || !one.unmappable.empty()) {
    HostVolumes volumes;
    for (const auto& [claim, file_system] : one.unmappable) {
      volumes.put_unmappable(AdmissionClient::kNamespace, claim, file_system);
    }
    for (const auto& [claim, path] : one.host_volumes) {
      if (claim == "none") {
        volumes.any_unclaimed = true;
      } else {
        volumes.put(AdmissionClient::kNamespace, claim, path);
      }
    }
    const auto known = std::make_shared<const HostVolumes>(volumes);
    change_each(snapshot, [&known](Snapshot& each) { each.host_volumes = known; });
  }
  if (!one.enforced_level.empty() || !one.namespace_profile.empty()) {
    KnownNamespace known;
    if (one.enforced_level == "baseline") known.enforced = PodSecurityLevel::kBaseline;
    if (one.enforced_level == "restricted") known.enforced = PodSecurityLevel::kRestricted;
    known.profile = one.namespace_profile;
    const auto namespaces = std::make_shared<const KnownNamespaces>(
        KnownNamespaces{{AdmissionClient::kNamespace, known}});
    change_each(snapshot, [&namespaces](Snapshot& each) { each.namespaces = namespaces; });
  }
  return snapshot;
}

// What a watch of pods would tell of `pod`.
std::shared_ptr<const KnownPods> known_pods_with(const json& pod) {
  simdjson::dom::parser parser;
  KnownPods pods;
  pods.put(AdmissionClient::kNamespace, pod.at("metadata").at("name").get<std::string>(),
           webhook::read_known_pod(parser.parse(pod.dump()).value()));
  return std::make_shared<const KnownPods>(pods);
}

json pod_of(const PolicyCase& one) {
  json pod = one.pod;
  pod.emplace("apiVersion", "v1");
  pod.emplace("kind", "Pod");
  return pod;
}

class CaseTest : public ::testing::Test {
 public:
  explicit CaseTest(PolicyCase one) : case_(std::move(one)) {}

  void TestBody() override {
    SCOPED_TRACE(case_.folder + "/" + case_.file + ": " + case_.name);
    AdmissionClient client(snapshot_of(case_));
    const json pod = pod_of(case_);
    const AdmissionAnswer early = client.mutate(pod);
    if (!early.allowed) {
      EXPECT_TRUE(early.patch.is_null()) << "a refused pod was given a patch";
      EXPECT_FALSE(client.validate(pod).allowed) << "refused by one call, allowed by the other";
      check_answer(early);
      return;
    }
    json patched = pod;
    if (!early.patch.is_null()) patched.patch_inplace(early.patch);
    if (case_.is_later()) {
      check_later(client, patched);
      return;
    }
    check_answer(joined(early, client.validate(patched)));
    check_patch(client, pod, patched, early);
    check_object(patched);
  }

 private:
  void check_later(AdmissionClient& client, const json& pod) {
    const AdmissionAnswer created = client.validate(pod);
    ASSERT_TRUE(created.allowed) << describe(created.findings);
    client.snapshot().known_pods = known_pods_with(pod);
    if (case_.change) {
      json changed = pod;
      changed.merge_patch(*case_.change);
      check_answer(client.change(pod, changed, case_.subresource));
    } else if (case_.connect) {
      check_answer(client.connect(pod.at("metadata").at("name"), case_.connect->at("subresource"),
                                  case_.connect->value("container", "")));
    } else {
      check_answer(client.relabel_namespace({{"cvm-webhook.io/workspaces", "enabled"}},
                                            *case_.namespace_labels));
    }
  }

  // What both calls of one admission say: the second repeats what the first said, and decides.
  static AdmissionAnswer joined(const AdmissionAnswer& early, AdmissionAnswer last) {
    for (const Finding& finding : early.findings) {
      const auto is_same = [&finding](const Finding& other) {
        return other.rule == finding.rule && other.action == finding.action &&
               other.message == finding.message && other.field == finding.field;
      };
      if (std::none_of(last.findings.begin(), last.findings.end(), is_same)) {
        last.findings.push_back(finding);
      }
    }
    last.warnings.insert(last.warnings.end(), early.warnings.begin(), early.warnings.end());
    EXPECT_EQ(last.is_cvm, early.is_cvm);
    return last;
  }

  void check_answer(const AdmissionAnswer& answer) {
    const Expectation& expect = case_.expect;
    ASSERT_EQ(answer.allowed, expect.allowed) << "findings:" << describe(answer.findings);
    if (expect.cvm) {
      EXPECT_EQ(answer.is_cvm, *expect.cvm);
    }
    if (expect.profile) {
      EXPECT_EQ(answer.profile, *expect.profile);
    }
    if (expect.findings) check_findings(answer.findings);
    for (const std::string& expression : expect.warnings) {
      EXPECT_TRUE(std::any_of(
          answer.warnings.begin(), answer.warnings.end(),
          [&expression](const std::string& warning) { return matches(warning, expression); }))
          << "no warning matches " << expression << "; findings:" << describe(answer.findings);
    }
  }

  void check_findings(std::vector<Finding> findings) {
    const std::string all = describe(findings);
    for (const ExpectedFinding& expected : *case_.expect.findings) {
      const auto found =
          std::find_if(findings.begin(), findings.end(),
                       [&expected](const Finding& one) { return matches(one, expected); });
      if (found == findings.end()) {
        ADD_FAILURE() << "no finding of " << expected.rule << " as expected; findings:" << all;
      } else {
        findings.erase(found);
      }
    }
    EXPECT_TRUE(findings.empty()) << "findings that were not expected:" << describe(findings);
  }

  void check_patch(AdmissionClient& client, const json& pod, const json& patched,
                   const AdmissionAnswer& answer) {
    const Settings& settings = *client.snapshot().settings;
    const bool native = settings.mode == Mode::kNative;
    const bool adds_affinity = native || !settings.nodes.mark || !answer.profile.empty();
    const json without_affinity = adds_affinity ? without_added_affinity(patched, pod) : patched;
    const std::string wrapped = patched.at("metadata")
                                    .value("annotations", json::object())
                                    .value("cvm-webhook.io/supervisor", "");
    const auto users_part = [&](json one) {
      if (native) one = without_native_parts(std::move(one));
      return without_container(without_plan(std::move(one)), wrapped);
    };
    EXPECT_EQ(users_part(without_affinity), users_part(pod)) << "the patch changed the user's part";
    if (!answer.is_cvm) {
      EXPECT_EQ(patched, pod) << "a pod that is no CVM was changed";
    }

    const AdmissionAnswer again = client.mutate(patched);
    EXPECT_TRUE(again.allowed) << describe(again.findings);
    EXPECT_TRUE(again.patch.is_null()) << "a second call patches again: " << again.patch;
  }

  void check_object(const json& patched) {
    const json& object = case_.expect.object;
    if (!object.is_null()) {
      EXPECT_TRUE(is_subset(object, patched))
          << "expected:\n"
          << object.dump(2) << "\nas part of:\n"
          << patched.dump(2) << "\ndifference (extra members are fine):\n"
          << json::diff(object, patched).dump(2);
    }
  }

  PolicyCase case_;
};

std::string test_name(std::string_view text) {
  std::string name;
  for (char character : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(character)) != 0;
    if (plain) {
      name += character;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name;
}

}  // namespace

void register_case(const PolicyCase& one) {
  ::testing::RegisterTest(test_name(one.folder).c_str(), test_name(one.name).c_str(), nullptr,
                          nullptr, __FILE__, __LINE__,
                          [one]() -> ::testing::Test* { return new CaseTest(one); });
}

}  // namespace cvm::testing
