#include "webhook/config/settings_compatibility.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "policies/model/node_facts.hpp"
#include "webhook/config/settings_syntax.hpp"
#include "webhook/config/settings_user_namespaces.hpp"
#include "webhook/config/settings_version.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;

std::string text_of(Value row, std::string_view key) {
  if (!row.json().is_object()) return {};
  const auto found = row.json().find(key);
  if (found == row.json().end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

void expect_keys(Value row, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    row.require(key, fmt::format("expected the key {}, found none", key));
  }
}

// Reads the rows of a list, each under the name that `name_of` gives it, and finds keys given
// twice.
template <typename Row, typename NameOf, typename Read, typename KeyOf>
void read_rows(Value list, std::vector<Row>& rows, NameOf name_of, Read read, KeyOf key_of) {
  list.defaults_to(nlohmann::ordered_json::array());
  list.read_elements([&](Value element) {
    const DocumentValue value = element.named(name_of(element));
    Row row;
    if (!read(value, row)) return;
    const bool is_repeated = std::any_of(
        rows.begin(), rows.end(), [&](const Row& before) { return key_of(before) == key_of(row); });
    if (is_repeated) return value.add_mistake("is given twice");
    rows.push_back(std::move(row));
  });
}

bool is_word(std::string_view text) { return !text.empty() && is_label_value(text); }

bool read_distribution(Value value, DistributionRow& row) {
  value.read_fields({
      {"id", [&](Value v) { v.read_checked(row.id, is_word, "the ID of an os-release file"); }},
      {"version",
       [&](Value v) {
         v.read_checked(row.version, is_label_value, "the VERSION_ID of an os-release file");
       }},
      {"osImage", [&](Value v) { v.read(row.os_image); }},
      {"minimumKernel", [&](Value v) { read_version(v, row.minimum_kernel.emplace()); }},
      {"shiftfs",
       [&](Value v) {
         v.read_choice(row.shiftfs.emplace(), {{"packaged", ShiftfsModule::kPackaged},
                                               {"none", ShiftfsModule::kNone},
                                               {"unknown", ShiftfsModule::kUnknown}});
       }},
      {"selinux",
       [&](Value v) {
         row.selinux.emplace();
         if (v.json().is_boolean()) {  // an unquoted `on` is a boolean in YAML
           row.selinux = v.json().get<bool>() ? SelinuxDefault::kOn : SelinuxDefault::kOff;
           return;
         }
         v.read_choice(*row.selinux, {{"on", SelinuxDefault::kOn},
                                      {"off", SelinuxDefault::kOff},
                                      {"unknown", SelinuxDefault::kUnknown}});
         v.also_takes(true);
         v.also_takes(false);
       }},
  });
  expect_keys(value, {"id"});
  if (row.os_image.empty() && !row.minimum_kernel && !row.shiftfs && !row.selinux) {
    value.add_mistake("expected osImage, minimumKernel, shiftfs or selinux, found none");
  }
  return !row.id.empty();
}

std::string kernel_name(Value row) {
  std::string name = text_of(row, "from");
  if (const std::string below = text_of(row, "below"); !below.empty()) name += " to " + below;
  if (const std::string flavour = text_of(row, "flavour"); !flavour.empty()) name += " " + flavour;
  return name;
}

bool read_kernel(Value value, KernelRow& row) {
  value.read_fields({
      {"from", [&](Value v) { read_version(v, row.from.emplace()); }},
      {"below", [&](Value v) { read_version(v, row.below.emplace()); }},
      {"flavour", [&](Value v) { v.read_checked(row.flavour, is_word, "a word such as aws"); }},
      {"action",
       [&](Value v) {
         v.read_choice(row.action, {{"deny", KernelAction::kDeny},
                                    {"warn", KernelAction::kWarn},
                                    {"allow", KernelAction::kAllow}});
       }},
      {"reason", [&](Value v) { v.read(row.reason); }},
  });
  expect_keys(value, {"action"});
  if (!value.json().is_object()) return false;
  if (text_of(value, "from").empty() && text_of(value, "below").empty() &&
      text_of(value, "flavour").empty()) {
    value.add_mistake("expected from, below or flavour, found none: every kernel would be meant");
  }
  // A bound that could not be read is 0.0 and has its mistake already.
  if (row.from && row.below && *row.below != VersionNumber{} && *row.from >= *row.below) {
    value.add_mistake("expected below to be greater than from: no kernel would be meant");
  }
  return true;
}

// The rest of a providerID is the node's own and is not looked at.
bool is_provider_id(std::string_view text) {
  return !text.empty() && provider_id_prefix(text) == text;
}

bool read_cloud(Value value, Provider& cloud) {
  value.read_fields({
      {"name", [&](Value v) { v.read_checked(cloud.name, is_word, "a name such as aws"); }},
      {"title", [&](Value v) { v.read(cloud.title); }},
      {"providerID",
       [&](Value v) {
         v.read_checked(cloud.provider_id, is_provider_id,
                        "how spec.providerID begins, such as aws://");
       }},
      {"hosting",
       [&](Value v) {
         v.read_choice(cloud.hosting, {{"cloud", Hosting::kCloud},
                                       {"virtual", Hosting::kVirtual},
                                       {"bareMetal", Hosting::kBareMetal}});
       }},
  });
  expect_keys(value, {"name", "providerID"});
  if (cloud.title.empty()) cloud.title = cloud.name;
  return !cloud.name.empty() && !cloud.provider_id.empty();
}

bool is_resource(std::string_view text) {
  if (text.find('/') == std::string_view::npos) return false;
  if (!text.ends_with('*')) return is_label_key(text);
  // "gpu.intel.com/" and "nvidia.com/mig-" begin keys, and are none.
  return is_label_key(std::string(text.substr(0, text.size() - 1)) + "x");
}

bool read_gpu_row(Value value, GpuRow& row) {
  value.read_fields({
      {"resource",
       [&](Value v) {
         v.read_checked(row.resource, is_resource,
                        "a resource such as nvidia.com/gpu or nvidia.com/mig-*");
       }},
      {"vendor",
       [&](Value v) {
         v.read_choice(row.vendor, {{"nvidia", GpuVendor::kNvidia},
                                    {"amd", GpuVendor::kAmd},
                                    {"intel", GpuVendor::kIntel}});
       }},
  });
  expect_keys(value, {"resource", "vendor"});
  return !row.resource.empty();
}

}  // namespace

void read_compatibility(const DocumentValue& value, Compatibility& compatibility) {
  value.read_fields({
      {"distributions",
       {.text =
            "{id, version, minimumKernel, shiftfs: packaged, none or unknown, selinux: on, off or "
            "unknown}, each added or in the place of the row with its id and version.",
        .details = "`osImage` is how `status.nodeInfo.osImage` begins on such nodes. What a row "
                   "leaves out is as built in."},
       [&](Value list) {
         read_rows(
             list, compatibility.distributions,
             [](Value row) {
               return fmt::format("{} {}", text_of(row, "id"), text_of(row, "version"));
             },
             read_distribution,
             [](const DistributionRow& row) { return std::tie(row.id, row.version); });
       }},
      {"kernels",
       {.text =
            "{from, below, flavour, action: deny, warn or allow, reason}, whatever the tables say; "
            "the first that holds decides."},
       [&](Value list) {
         read_rows(list, compatibility.kernels, kernel_name, read_kernel,
                   [](const KernelRow& row) { return std::tie(row.from, row.below, row.flavour); });
       }},
      {"clouds",
       {.text = "{name, title, providerID, hosting: cloud, virtual or bareMetal}, each added or in "
                "the place of the row with its name."},
       [&](Value list) {
         read_rows(
             list, compatibility.clouds, [](Value row) { return text_of(row, "name"); }, read_cloud,
             [](const Provider& row) { return std::tie(row.name); });
       }},
      {"gpus",
       {.text =
            "{resource, vendor: nvidia, amd or intel}, each added or in the place of the row with "
            "its resource; example.com/gpu-* is every resource that begins so."},
       [&](Value list) {
         read_rows(
             list, compatibility.gpus, [](Value row) { return text_of(row, "resource"); },
             read_gpu_row, [](const GpuRow& row) { return std::tie(row.resource); });
       }},
      {"userNamespaces",
       {.text =
            "{runtime: containerd or cri-o, from, below, kubernetesFrom, kubernetesBelow, need: "
            "hostUsers, annotation or unsupported, reason}; the first that holds decides, "
            "before the table that is built in.",
        .details = "`from` and `below` are versions of the runtime, `kubernetesFrom` and "
                   "`kubernetesBelow` of the kubelet.",
        .only_with = "mode: native"},
       [&](Value v) { read_user_namespaces(v, compatibility.user_namespaces); }},
  });
}

}  // namespace cvm::webhook
