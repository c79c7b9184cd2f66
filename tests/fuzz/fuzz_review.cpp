// Any body, to the handler: the answer is well-formed, refuses when it is not an admission, and
// what it admits is a CVM after one call: the patch applies, a second call has nothing to add, and
// the validating call agrees, but for what the Pod Security level says of the user's own part.
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policies/nodes/node_store.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/fuzz/check.hpp"
#include "webhook/admission/admission_handler.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

NodeFacts node(std::string name, std::string kernel, std::string image, std::string provider) {
  NodeFacts facts;
  facts.labels = {{"kubernetes.io/arch", "amd64"}, {"kubernetes.io/hostname", name}};
  facts.name = std::move(name);
  facts.kernel_version = std::move(kernel);
  facts.os_image = std::move(image);
  facts.provider_id = std::move(provider);
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  facts.kubelet_version = "v1.33.1";
  return facts;
}

std::vector<NodeFacts> nodes() {
  std::vector<NodeFacts> all = {
      node("n1", "6.8.0-31-generic", "Ubuntu 24.04 LTS", ""),
      node("n2", "5.15.0-1051-aws", "Ubuntu 20.04.6 LTS", "aws:///eu-west-1a/i-1"),
      node("n3", "5.14.0-427.el9.x86_64", "Rocky Linux 9.4 (Blue Onyx)", ""),
  };
  all[1].taints = {{"dedicated", "workspaces", "NoSchedule"}};
  return all;
}

// Chosen by pods, and unlike the settings around it.
ProfileSettings profile(std::string name, Settings settings, bool caching) {
  settings.caching = !caching;
  settings.runtime_class_name = "other";
  return {.name = std::move(name),
          .chosen_by_namespace = false,
          .chosen_by_pod = true,
          .settings = std::move(settings)};
}

std::array<Snapshot, 6> make_snapshots() {
  std::array<Snapshot, 6> snapshots;
  for (std::size_t index = 0; index < snapshots.size(); ++index) {
    ProfiledSettings settings;
    settings.supervisor.placement = index % 2 == 0 ? Placement::kSidecar : Placement::kContainer;
    if (index == 4) settings.supervisor.placement = Placement::kWrap;
    if (index == 5) settings.mode = Mode::kNative;
    settings.caching = index == 2;
    settings.supervisor.tun = index == 3;
    settings.gpu.usr_lib_dir = index == 3 || index == 4 ? "/usr/lib" : "";
    if (index > 1)
      settings.profiles = {profile("mine", static_cast<const Settings&>(settings), index == 2)};
    snapshots[index] = make_snapshot(std::move(settings));
    if (index > 0) use_nodes(snapshots[index], make_catalog(nodes()));
  }
  return snapshots;
}

std::string decode_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  CVM_CHECK(length >= 0, text);
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

class Target {
 public:
  void run(std::string_view text) {
    const Snapshot& snapshot = snapshots_[text.size() % snapshots_.size()];
    ask(Endpoint::kValidate, text, snapshot);
    const std::set<std::string> found = denials();
    const json response = ask(Endpoint::kMutate, text, snapshot);
    if (!response.contains("patch")) return;

    json review = json::parse(text);
    json& object = review["request"]["object"];
    object = object.patch(json::parse(decode_base64(response["patch"])));
    const std::string patched = review.dump();
    const json second = ask(Endpoint::kMutate, patched, snapshot);
    CVM_CHECK(second["allowed"] == true, second.dump() + "\n" + patched);
    CVM_CHECK(!second.contains("patch"), second.dump() + "\n" + patched);
    const json last = ask(Endpoint::kValidate, patched, snapshot);
    if (last["allowed"] == true) return;
    // The mutating call does not judge that; the validating one found it in the plain pod, too.
    CVM_CHECK(!denials().empty(), last.dump() + "\n" + patched);
    for (const std::string& rule : denials()) {
      CVM_CHECK(rule.starts_with("pod-security-") && found.contains(rule),
                last.dump() + "\n" + patched);
    }
  }

 private:
  // The rules that refuse, of the last answer.
  std::set<std::string> denials() const {
    std::set<std::string> rules;
    const Verdict* verdict = decision_.verdict;
    if (verdict == nullptr) return rules;
    for (const Finding& finding : verdict->findings) {
      if (finding.action == RuleAction::kDeny) rules.emplace(finding.rule);
    }
    return rules;
  }

  // The response of a review's answer; null when there is none.
  json ask(Endpoint endpoint, std::string_view text, const Snapshot& snapshot) {
    body_.assign(text).append(AdmissionHandler::kBodyPadding, '}');
    answer_.clear();
    decision_ = handler_.handle(endpoint, std::string_view(body_).substr(0, text.size()), snapshot,
                                answer_);
    const Decision& decision = decision_;
    const unsigned http = decision.http_status;
    CVM_CHECK(decision.code != 500, std::string(decision.error));
    if (http != 200) {
      CVM_CHECK(http == 400, answer_);
      CVM_CHECK(answer_.size() > 1 && answer_.find('\n') == answer_.size() - 1, answer_);
      CVM_CHECK(!decision.allowed && !decision.readable, answer_);
      return {};
    }
    const json review = json::parse(answer_, nullptr, false);
    CVM_CHECK(review.is_object(), answer_);
    const json& response = review.at("response");
    CVM_CHECK(review.at("kind") == "AdmissionReview", answer_);
    CVM_CHECK(response.at("uid") == std::string(decision.uid), answer_);
    CVM_CHECK(response.at("allowed") == decision.allowed, answer_);
    if (decision.allowed) {
      CVM_CHECK(decision.readable && !response.contains("status"), answer_);
    } else {
      CVM_CHECK(!response.contains("patch"), answer_);
      CVM_CHECK(response.at("status").at("code") == decision.code, answer_);
      CVM_CHECK(!response.at("status").at("message").get<std::string>().empty(), answer_);
    }
    if (response.contains("warnings")) {
      for (const json& warning : response["warnings"]) {
        CVM_CHECK(warning.get<std::string>().size() <= 256, answer_);
      }
    }
    return response;
  }

  std::array<Snapshot, 6> snapshots_ = make_snapshots();
  AdmissionHandler handler_;
  Decision decision_;  // of the last call
  std::string body_, answer_;
};

}  // namespace
}  // namespace cvm::webhook

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cvm::webhook::Target target;
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
