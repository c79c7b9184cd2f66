// Placement wrap on generated pods: every piece of the user's workspace container is found again in
// what envbox makes of it, or in a finding.
#include <gtest/gtest.h>

#include "policies/profiles/profiles.hpp"
#include "tests/policies/admission_client.hpp"
#include "tests/policies/envbox.hpp"
#include "tests/policies/generated_pods.hpp"
#include "tests/property/property.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

// What a wrapped container depends on; zero is the default.
constexpr std::size_t kWrapSettings = 16;

Settings wrap_settings(std::size_t number) {
  Settings settings;
  settings.supervisor.placement = Placement::kWrap;
  settings.caching = number % 2 == 1;
  settings.supervisor.images_on_cache_volume = number / 2 % 2 == 1;
  if (number / 4 % 2 == 1) settings.gpu.usr_lib_dir = "/usr/lib/x86_64-linux-gnu";
  if (number / 8 % 2 == 1) {
    settings.supervisor.env = {{"CODER_NOTE", "a \"note\" of $(HOME)"}};
  }
  return settings;
}

const json& workspace_of(const json& pod, const std::string& name) {
  for (const json& container : pod.at("spec").at("containers")) {
    if (container.at("name") == name) return container;
  }
  throw std::runtime_error("no container " + name);
}

// Which pieces findings are about, by the beginning of their field.
class Findings {
 public:
  Findings(const std::vector<Finding>& findings, std::string container)
      : findings_(findings), container_(std::move(container)) {}

  bool any(const std::string& field) const { return any_at(container_ + "." + field); }
  bool any_of_pod(const std::string& field) const { return any_at("spec." + field); }

 private:
  bool any_at(const std::string& path) const {
    return std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
      return finding.field == path || finding.field.starts_with(path + ".");
    });
  }

  const std::vector<Finding>& findings_;
  std::string container_;
};

class Comparison {
 public:
  Comparison(const json& before, const json& after, const Findings& findings)
      : before_(before), after_(after), inner_(run_envbox(after)), findings_(findings) {}

  void run(const json& pod) {
    EXPECT_EQ(inner_.image, before_.at("image").get<std::string>());
    EXPECT_EQ(inner_.working_dir, before_.value("workingDir", ""));
    check_user(pod);
    check_environment();
    check_mounts();
    check_command();
    check_rest();
    check_pod(pod.at("spec"));
  }

 private:
  // What the pod says of all its containers, and how the CVM has that.
  void check_pod(const json& spec) {
    const std::set<std::string> in_force = {"runAsUser", "runAsNonRoot", "fsGroup"};
    const json all = spec.value("securityContext", json::object());
    for (const auto& [field, value] : all.items()) {
      EXPECT_TRUE(in_force.contains(field) || findings_.any_of_pod("securityContext")) << field;
    }
    EXPECT_EQ(spec.contains("hostAliases"), findings_.any_of_pod("hostAliases"));
  }

  void check_user(const json& pod) {
    const json own = before_.value("securityContext", json::object());
    const json pods = pod.at("spec").value("securityContext", json::object());
    const json user =
        own.contains("runAsUser") ? own.at("runAsUser") : pods.value("runAsUser", json());
    EXPECT_EQ(inner_.user, user.is_null() ? "root" : user.dump());
    if (user.is_null()) {
      EXPECT_TRUE(findings_.any("securityContext.runAsUser"));
    }
    for (const auto& [field, value] : own.items()) {
      if (field != "runAsUser" && field != "privileged" && field != "runAsNonRoot") {
        EXPECT_TRUE(findings_.any("securityContext")) << field;
      }
    }
  }

  // By name, as an entry that is as it was, or exported by the script.
  void check_environment() {
    const json variables = before_.value("env", json::array());
    for (std::size_t index = 0; index < variables.size(); ++index) {
      const json& variable = variables[index];
      const std::string name = variable.at("name");
      const auto passed = inner_.variables.find(name);
      const bool is_exported = inner_.script.starts_with("export " + name + "=") ||
                               inner_.script.find("\nexport " + name + "=") != std::string::npos;
      EXPECT_TRUE((passed != inner_.variables.end() && passed->second == variable) || is_exported)
          << variable;
      if (is_exported) {
        EXPECT_FALSE(variable.contains("valueFrom")) << "a reference became text";
      }
    }
    for (const json& source : before_.value("envFrom", json::array())) {
      EXPECT_NE(std::find(inner_.prefixes.begin(), inner_.prefixes.end(),
                          source.at("prefix").get<std::string>()),
                inner_.prefixes.end());
    }
  }

  void check_mounts() {
    std::vector<InnerMount> expected;
    for (const json& mount : before_.value("volumeMounts", json::array())) {
      expected.push_back({mount.at("name"), mount.value("subPath", ""),
                          mount.value("subPathExpr", ""), mount.at("mountPath"),
                          mount.value("readOnly", false)});
    }
    std::vector<InnerMount> found = inner_.mounts;
    // The volume for caches is mounted for envbox, too.
    std::erase_if(found,
                  [](const InnerMount& mount) { return mount.sub_path.starts_with("cvm-cache/"); });
    for (InnerMount& mount : found) mount.users = false;
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    EXPECT_TRUE(found == expected) << before_ << after_;
  }

  void check_command() {
    if (!before_.contains("command")) {
      EXPECT_TRUE(findings_.any("command"));
      return;
    }
    EXPECT_NE(inner_.script.find("exec '"), std::string::npos);
    EXPECT_FALSE(after_.contains("args"));
  }

  // What stays is as it was; what does not is spoken of.
  void check_rest() {
    const std::set<std::string> done = {"name",    "image",        "env",
                                        "envFrom", "workingDir",   "args",
                                        "command", "volumeMounts", "securityContext"};
    for (const auto& [field, value] : before_.items()) {
      if (done.contains(field)) continue;
      // envbox always asks the registry.
      if (field == "imagePullPolicy" && value != "Never") continue;
      if (field.ends_with("Probe")) {
        check_handler(value, after_.value(field, json()), field);
      } else if (field == "lifecycle") {
        for (const auto& [hook, handler] : value.items()) {
          check_handler(handler, after_.value(field, json::object()).value(hook, json()),
                        field + "." + hook);
        }
      } else {
        EXPECT_TRUE((after_.contains(field) && after_.at(field) == value) || findings_.any(field))
            << field << " was dropped in silence";
      }
      if (field == "ports") {
        EXPECT_TRUE(findings_.any(field));
      }
    }
  }

  void check_handler(const json& before, const json& after, const std::string& where) {
    if (findings_.any(where)) {
      EXPECT_TRUE(after.is_null());
    } else if (where == "lifecycle.postStart" && before.contains("exec")) {
      EXPECT_NE(inner_.script.find(" &\n"), std::string::npos);
    } else if (before.contains("sleep")) {
      EXPECT_EQ(before, after);
    } else {
      ASSERT_TRUE(after.contains("exec")) << where << before << after;
      EXPECT_EQ(after.value("periodSeconds", 0), before.value("periodSeconds", 0));
      const json& command = after.at("exec").at("command");
      EXPECT_TRUE(command.at(0) == "docker" || command.at(0) == "curl" || command.at(0) == "bash");
      if (before.contains("exec")) {
        const json own = before.at("exec").at("command");
        EXPECT_EQ(json(std::vector<json>(command.begin() + 4, command.end())), own);
      }
    }
  }

  const json& before_;
  const json& after_;
  const InnerContainer inner_;
  const Findings& findings_;
};

// Whether the pod became a CVM.
bool check_wrap(AdmissionClient& client, const json& pod, Choices& choices) {
  const AdmissionAnswer answer = client.mutate(pod);
  if (!answer.allowed || !answer.is_cvm) {
    EXPECT_TRUE(answer.patch.is_null());
    EXPECT_TRUE(!answer.is_cvm || !answer.findings.empty());
    return false;
  }
  const json patched = pod.patch(answer.patch);
  choices.explain([&] { return "patched " + patched.dump(2); });
  const std::string name = patched.at("metadata").at("annotations").at("cvm-webhook.io/supervisor");
  const json &before = workspace_of(pod, name), &after = workspace_of(patched, name);
  const auto index = &before - &pod.at("spec").at("containers").at(0);
  const Findings findings(answer.findings, "spec.containers[" + std::to_string(index) + "]");
  Comparison(before, after, findings).run(pod);
  const webhook::PreparedReview review = client.prepare(patched);
  const AdmissionAnswer again = client.send(webhook::Endpoint::kMutate, review);
  EXPECT_TRUE(again.allowed) << again.message;
  EXPECT_TRUE(again.patch.is_null()) << again.patch;
  const AdmissionAnswer last = client.send(webhook::Endpoint::kValidate, review);
  EXPECT_TRUE(last.allowed) << last.message;
  return true;
}

TEST(WrapProperty, LosesNothingOfGeneratedWorkspaces) {
  std::vector<AdmissionClient> clients;
  const auto handler = std::make_shared<webhook::AdmissionHandler>();
  for (std::size_t number = 0; number < kWrapSettings; ++number) {
    clients.emplace_back(make_snapshot(wrap_settings(number)), webhook::Caller(), handler);
  }
  std::size_t all = 0, wrapped = 0;
  check_property({.cases = 1000, .choices = PodGenerator::kMostChoices}, [&](Choices& choices) {
    const std::size_t settings = choices.below(kWrapSettings);
    const json pod = PodGenerator(choices, PodGenerator::Detail::kWorkspaces).next();
    choices.explain(
        [&] { return "settings " + std::to_string(settings) + "\npod " + pod.dump(2); });
    ++all;
    wrapped += check_wrap(clients[settings], pod, choices) ? 1 : 0;
  });
  if (HasFailure()) return;
  EXPECT_GT(wrapped, all / 3);
}

}  // namespace
}  // namespace cvm::testing
