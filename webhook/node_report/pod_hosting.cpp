#include "webhook/node_report/pod_hosting.hpp"

#include <fmt/format.h>

#include "policies/calls/no_compatible_node.hpp"
#include "policies/model/gpu_requests.hpp"
#include "webhook/admission/review_decoder.hpp"
#include "webhook/calls/admission_client.hpp"
#include "webhook/evaluation/unreadable_pod.hpp"
#include "webhook/terminal/text_table.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kNoCandidate =
    "no node matches its nodeName, nodeSelector, node affinity, tolerations and extended resources";
constexpr const char* kTemplateCan = "a node template of the settings can host it";

std::string why_none_can(const NodeInventory& inventory, const NodeInventory::Candidates& found,
                         std::string_view gpu_resource) {
  if (found.total == 0) return kNoCandidate;
  if (found.of_templates && found.usable > 0) return std::string("no node yet; ") + kTemplateCan;
  Verdict verdict;
  refuse_candidates(inventory, found, gpu_resource, verdict);
  std::string reason = std::move(verdict.findings.front().message);
  if (found.usable_template) reason += std::string("; ") + kTemplateCan;
  return reason;
}

class HostingFinder {
 public:
  HostingFinder(const InputFile& file, const NodeInventory& inventory, const Settings& settings)
      : file_(file), inventory_(inventory), settings_(settings) {}

  PodHosting find(const PodDocument& document) {
    const PreparedReview review = client_.prepare(document.pod());
    DecodeFailure failure;
    const AdmissionRequest* request =
        decoder_.decode(std::string_view(review.body).substr(0, review.size), failure);
    if (request == nullptr) fail(document, std::move(failure.message));

    const GpuRequests gpus = gpu_requests(*request->pod, settings_.compatibility);
    inventory_.find_candidates(*request->pod, {.gpu = gpus.any()}, found_);
    PodHosting hosting;
    hosting.name = document.display_name();
    hosting.ns = document.ns();
    if (!found_.of_templates) {
      hosting.nodes = found_.total;
      hosting.can_host = found_.usable;
    }
    if (hosting.can_host == 0) hosting.reason = why_none_can(inventory_, found_, gpus.resource);
    return hosting;
  }

 private:
  // The message is about the pod, which may be one that the object makes.
  [[noreturn]] void fail(const PodDocument& document, std::string message) const {
    constexpr std::string_view kPod = "request.object";
    if (document.maker != nullptr && message.starts_with(kPod)) {
      message.insert(kPod.size(), "." + std::string(document.maker->path));
    }
    fail_unreadable(file_, document, std::move(message));
  }

  const InputFile& file_;
  const NodeInventory& inventory_;
  const Settings& settings_;
  const AdmissionClient client_{Snapshot{}};
  ReviewDecoder decoder_;
  NodeInventory::Candidates found_;
};

}  // namespace

std::vector<PodHosting> find_hosting(const InputFile& file, const NodeInventory& inventory,
                                     const Settings& settings) {
  const PodDocuments documents = find_pods_or_fail(file);
  HostingFinder finder(file, inventory, settings);
  std::vector<PodHosting> pods;
  pods.reserve(documents.pods.size());
  for (const PodDocument& document : documents.pods) pods.push_back(finder.find(document));
  return pods;
}

std::string print_pod_table(const std::vector<PodHosting>& pods) {
  std::vector<std::vector<std::string>> rows = {{"POD", "NODES", "CAN-HOST", "REASON"}};
  for (const PodHosting& pod : pods) {
    rows.push_back({pod.ns.empty() ? pod.name : fmt::format("{}/{}", pod.ns, pod.name),
                    std::to_string(pod.nodes), std::to_string(pod.can_host),
                    pod.reason.empty() ? "-" : pod.reason});
  }
  return print_table(rows);
}

nlohmann::ordered_json pods_to_json(const std::vector<PodHosting>& pods) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const PodHosting& pod : pods) {
    all.push_back({{"name", pod.name},
                   {"namespace", pod.ns},
                   {"nodes", pod.nodes},
                   {"canHost", pod.can_host},
                   {"reason", pod.reason}});
  }
  return all;
}

}  // namespace cvm::webhook
