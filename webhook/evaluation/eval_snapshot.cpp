#include "webhook/evaluation/eval_snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <set>
#include <utility>

#include "policies/model/workspace.hpp"
#include "policies/nodes/node_store.hpp"
#include "policies/profiles/profiles.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/kubernetes/access/server_url.hpp"
#include "webhook/kubernetes/reading/cluster_reading.hpp"
#include "webhook/kubernetes/reading/mounted_settings.hpp"

namespace cvm::webhook {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr std::string_view kTakesPart = "enabled";  // value of kWorkspacesLabel

void note(const std::string& text) { std::cerr << "note: " << text << '\n'; }

// Those of the labels that mean anything for decisions.
KnownNamespace read_namespace(const Labels& labels) {
  KnownNamespace ns;
  const auto text_of = [&labels](std::string_view key) {
    const auto found = labels.find(std::string(key));
    return found == labels.end() ? std::string() : found->second;
  };
  ns.profile = text_of(kProfileLabel);
  for (const auto level : {PodSecurityLevel::kBaseline, PodSecurityLevel::kRestricted}) {
    if (to_string(level) == text_of(kEnforceLabel)) ns.enforced = level;
  }
  return ns;
}

ProfiledSettings read_live(const ApiReader& api, const std::string& ns) {
  const Result<LiveSettings> live = read_live_settings(api, ns);
  if (!live) {
    throw Unusable(
        fmt::format("cvm-webhook eval: the cluster's settings: {}; give --settings FILE, or "
                    "--webhook-namespace NAME where the webhook runs in another namespace",
                    live.error().message));
  }
  SettingsResult result = parse_settings(live->text);
  if (!result.ok()) throw Unusable(result.describe(live->place));
  return std::move(result.settings);
}

ClusterReading read_cluster_or_fail(const ApiReader& api) {
  Result<ClusterReading> reading = read_cluster(api);
  if (!reading) throw Unusable(fmt::format("cvm-webhook eval: {}", reading.error().message));
  for (const std::string& line : reading->forbidden)
    note(fmt::format("not taken into account: {}", line));
  return std::move(*reading);
}

class SnapshotMaker {
 public:
  SnapshotMaker(const EvalSources& sources, const PodDocuments& documents)
      : sources_(sources), documents_(documents) {}

  Snapshot make() {
    std::optional<ApiReader> api;
    if (sources_.cluster) api.emplace(*sources_.cluster);
    const bool reads_live = api && sources_.settings_file.empty();
    Snapshot snapshot = make_snapshot(reads_live ? read_live(*api, sources_.webhook_namespace)
                                                 : read_settings(sources_.settings_file));
    if (api) reading_ = read_cluster_or_fail(*api);
    if (!sources_.nodes_file.empty()) {
      use_nodes(snapshot, make_catalog(read_nodes(sources_.nodes_file)));
    } else if (reading_.nodes) {
      use_nodes(snapshot, reading_.nodes);
    }
    const auto namespaces = find_namespaces();
    change_each(snapshot, [&](Snapshot& each) {
      each.namespaces = namespaces;
      each.host_volumes = reading_.host_volumes;
      each.runtime_class = reading_.find_runtime_class(each.settings->runtime_class_name);
    });
    return snapshot;
  }

 private:
  // Null where nothing is known of any.
  std::shared_ptr<const KnownNamespaces> find_namespaces() {
    const bool knows_any = reading_.namespaces || !sources_.namespace_labels.empty() ||
                           !documents_.namespace_labels.empty();
    if (!knows_any) return nullptr;
    KnownNamespaces known;
    if (reading_.namespaces) known = *reading_.namespaces;
    std::set<std::string> names;
    for (const PodDocument& pod : documents_.pods) {
      const std::string ns = pod.ns();
      names.insert(ns.empty() ? sources_.default_namespace : ns);
    }
    for (const std::string& name : names) add_namespace(name, known);
    return std::make_shared<const KnownNamespaces>(std::move(known));
  }

  // Options win over the file, and the file over the cluster.
  void add_namespace(const std::string& name, KnownNamespaces& known) {
    const auto in_file = documents_.namespace_labels.find(name);
    const bool is_in_file = in_file != documents_.namespace_labels.end();
    bool takes_part = is_in_file ? has_workspaces_label(in_file->second) : known.contains(name);
    if (is_in_file) known[name] = read_namespace(in_file->second);
    if (!sources_.namespace_labels.empty()) {
      takes_part = takes_part || has_workspaces_label(sources_.namespace_labels);
      known[name] = read_namespace(sources_.namespace_labels);
    }
    known.try_emplace(name);
    if (takes_part || (!is_in_file && !reading_.namespaces)) return;
    note(
        fmt::format("namespace {} lacks the label {}=enabled, so cvm-webhook is not asked about "
                    "its pods; this is what it would say",
                    name, kWorkspacesLabel));
  }

  static bool has_workspaces_label(const Labels& labels) {
    const auto found = labels.find(std::string(kWorkspacesLabel));
    return found != labels.end() && found->second == kTakesPart;
  }

  const EvalSources& sources_;
  const PodDocuments& documents_;
  ClusterReading reading_;
};

// "/apis/apps/v1/namespaces/dev/deployments/web"
std::string path_of(const PodDocument& object, const std::string& ns) {
  const std::string version =
      object.maker == nullptr ? "v1" : std::string(object.maker->api_version);
  std::string resource = object.kind() + "s";
  std::transform(resource.begin(), resource.end(), resource.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return fmt::format("{}{}/namespaces/{}/{}/{}", version == "v1" ? "/api/" : "/apis/", version,
                     url_segment(ns), resource, url_segment(object.given_name()));
}

}  // namespace

Snapshot make_eval_snapshot(const EvalSources& sources, const PodDocuments& documents) {
  return SnapshotMaker(sources, documents).make();
}

OrderedJson get_live_object(const ClusterAccess& access, const PodDocument& object,
                            const std::string& ns) {
  const std::string name = object.given_name();
  if (name.empty() || name == "." || name == "..") {
    throw Unusable(
        fmt::format("cvm-webhook eval: {}: expected the metadata.name of an object that is there",
                    object.display_name()));
  }
  const ApiResult<std::string> body = ApiReader(access).get(path_of(object, ns));
  if (!body) throw Unusable(fmt::format("cvm-webhook eval: {}", body.error().message));
  OrderedJson live = OrderedJson::parse(*body, nullptr, false);
  if (!live.is_object()) throw Unusable("cvm-webhook eval: the API server sent no object");
  return live;
}

}  // namespace cvm::webhook
