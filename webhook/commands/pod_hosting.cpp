#include "webhook/commands/pod_hosting.hpp"

#include <iostream>

#include "policies/model/gpu_requests.hpp"
#include "policies/no_compatible_node.hpp"
#include "webhook/admission/admission_handler.hpp"
#include "webhook/admission/review_decoder.hpp"
#include "webhook/commands/pod_review.hpp"
#include "webhook/commands/text_table.hpp"
#include "webhook/commands/unusable.hpp"

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
    std::string body = make_review(document.pod);
    const std::size_t length = body.size();
    body.append(AdmissionHandler::kBodyPadding, '\0');
    DecodeFailure failure;
    const AdmissionRequest* request =
        decoder_.decode(std::string_view(body).substr(0, length), failure);
    if (request == nullptr) fail_unreadable(file_, document, failure.message);

    const GpuRequests gpus = gpu_requests(*request->pod, settings_.compatibility);
    inventory_.find_candidates(*request->pod, {.gpu = gpus.any()}, found_);
    PodHosting hosting;
    hosting.name = document.display_name();
    hosting.ns = metadata_string(document.pod, "namespace");
    if (!found_.of_templates) {
      hosting.nodes = found_.total;
      hosting.can_host = found_.usable;
    }
    if (hosting.can_host == 0) hosting.reason = why_none_can(inventory_, found_, gpus.resource);
    return hosting;
  }

 private:
  const InputFile& file_;
  const NodeInventory& inventory_;
  const Settings& settings_;
  ReviewDecoder decoder_;
  NodeInventory::Candidates found_;
};

}  // namespace

std::vector<PodHosting> find_hosting(const InputFile& file, const NodeInventory& inventory,
                                     const Settings& settings) {
  std::vector<std::string> notes;
  const std::vector<PodDocument> documents = find_pods(file, notes);
  for (const std::string& note : notes) std::cerr << "note: " << note << '\n';
  if (documents.empty()) throw Unusable(file.name + ": expected a Pod, found none");
  HostingFinder finder(file, inventory, settings);
  std::vector<PodHosting> pods;
  pods.reserve(documents.size());
  for (const PodDocument& document : documents) pods.push_back(finder.find(document));
  return pods;
}

std::string print_pod_table(const std::vector<PodHosting>& pods) {
  std::vector<std::vector<std::string>> rows = {{"POD", "NODES", "CAN-HOST", "REASON"}};
  for (const PodHosting& pod : pods) {
    rows.push_back({pod.ns.empty() ? pod.name : pod.ns + "/" + pod.name, std::to_string(pod.nodes),
                    std::to_string(pod.can_host), pod.reason.empty() ? "-" : pod.reason});
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
