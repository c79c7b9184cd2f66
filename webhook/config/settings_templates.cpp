#include "webhook/config/settings_templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "policies/model/quantity.hpp"
#include "webhook/config/settings_quantity.hpp"
#include "webhook/config/settings_syntax.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;
using Texts = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kOurPrefix = "cvm-webhook.io/";
// A group that does not say is taken for one of a supported version.
constexpr const char* kOldestSupportedKubelet = "v1.18.0";
constexpr double kMostPieces = 1e15;

void read_labels(Value value, Texts& labels) {
  value.read_entries([&](const std::string& key, Value label) {
    if (!is_label_key(key)) return label.add_key_mistake("expected a label key");
    label.read_checked(labels[key], is_label_value, "a label value");
  });
}

void read_annotations(Value value, Texts& annotations) {
  value.read_entries([&](const std::string& key, Value annotation) {
    if (!is_label_key(key)) return annotation.add_key_mistake("expected an annotation key");
    std::string text;
    annotation.read(text);
    if (key.starts_with(kOurPrefix)) annotations[key] = std::move(text);
  });
}

void read_taints(Value value, std::vector<Taint>& taints) {
  value.read_elements([&](Value item) {
    Taint taint;
    item.read_fields({
        {"key", [&](Value v) { v.read_checked(taint.key, is_label_key, "a taint key"); }},
        {"value", [&](Value v) { v.read_checked(taint.value, is_label_value, "a taint value"); }},
        {"effect",
         [&](Value v) {
           v.read_word(taint.effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
         }},
    });
    item.require("key", "expected a key, found none");
    item.require("effect", "expected an effect, found none");
    if (!item.json().is_object()) return;
    taints.push_back(std::move(taint));
  });
}

// A cluster autoscaler's list may hold cpu and memory, which decide nothing here.
void read_allocatable(Value value, NodeFacts& facts) {
  const auto read = [&](const std::string& resource, Value amount) {
    describe_quantity(amount);
    if (!is_container_resource(resource) && resource != "pods") {
      return amount.add_key_mistake(
          "expected cpu, memory, pods, ephemeral-storage or <domain>/<resource>");
    }
    const bool is_scalar = amount.json().is_string() || amount.json().is_number();
    const std::string text =
        amount.json().is_string() ? amount.json().get<std::string>() : amount.json().dump();
    const auto quantity = is_scalar ? parse_quantity(text) : std::nullopt;
    if (!quantity || *quantity < 0) {
      return amount.add_mistake(
          fmt::format("expected a quantity of at least 0, found {}", amount.describe_found()));
    }
    if (resource.find('/') == std::string::npos) return;
    if (*quantity != std::floor(*quantity) || *quantity > kMostPieces) {
      return amount.add_mistake(
          fmt::format("expected a whole number, found {}", amount.describe_found()));
    }
    facts.extended_resources[resource] = static_cast<std::int64_t>(*quantity);
  };
  value.read_entries(read, {.known = {"cpu", "memory", "pods", "ephemeral-storage"}});
}

void read_template(Value value, NodeTemplate& node) {
  NodeFacts& facts = node.facts;
  value.read_fields({
      {"name",
       [&](Value v) { v.read_checked(node.name, is_dns_subdomain, "the name of a node group"); }},
      {"labels", [&](Value v) { read_labels(v, facts.labels); }},
      {"annotations", [&](Value v) { read_annotations(v, facts.annotations); }},
      {"taints", [&](Value v) { read_taints(v, facts.taints); }},
      {"kernelVersion", [&](Value v) { v.read(facts.kernel_version); }},
      {"kubeletVersion", [&](Value v) { v.read(facts.kubelet_version); }},
      {"containerRuntimeVersion", [&](Value v) { v.read(facts.container_runtime); }},
      {"osImage", [&](Value v) { v.read(facts.os_image); }},
      {"architecture", [&](Value v) { v.read(facts.architecture); }},
      {"operatingSystem",
       [&](Value v) { v.read_word(facts.operating_system, {"linux", "windows"}); }},
      {"providerID", [&](Value v) { v.read(facts.provider_id); }},
      {"allocatable", [&](Value v) { read_allocatable(v, facts); }},
  });
  // What the kubelet puts on every node, and pods select nodes by.
  facts.labels.try_emplace("kubernetes.io/arch", facts.architecture);
  facts.labels.try_emplace("kubernetes.io/os", facts.operating_system);
  facts.provider_id = provider_id_prefix(facts.provider_id);
}

}  // namespace

void read_templates(const DocumentValue& value, std::vector<NodeTemplate>& templates) {
  value.defaults_to(nlohmann::ordered_json::array());
  value.read_elements([&](Value element) {
    NodeTemplate node;
    node.facts.architecture = "amd64";
    node.facts.operating_system = "linux";
    node.facts.kubelet_version = kOldestSupportedKubelet;
    const auto name = element.json().find("name");
    const bool has_name = name != element.json().end() && name->is_string();
    const DocumentValue named = element.named(has_name ? name->get<std::string>() : "");
    read_template(named, node);
    named.require("name", "expected a name, found none");
    named.require("kernelVersion",
                  "expected a kernelVersion, without which no node can host a CVM");
    if (!element.json().is_object()) return;
    const bool is_repeated = !node.name.empty() && std::any_of(templates.begin(), templates.end(),
                                                               [&](const NodeTemplate& before) {
                                                                 return before.name == node.name;
                                                               });
    if (is_repeated) return named.add_mistake("is given twice");
    templates.push_back(std::move(node));
  });
}

}  // namespace cvm::webhook
