#include "webhook/server/cluster_source.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "policies/calls/runtime_class.hpp"
#include "policies/profiles/profiles.hpp"

namespace cvm::webhook {

std::optional<ClusterAccess> cluster_access(const ServeOptions& options) {
  if (!options.in_cluster && options.kubeconfig_file.empty()) return std::nullopt;
  auto access = options.in_cluster
                    ? in_cluster_access()
                    : kubeconfig_access({options.kubeconfig_file}, options.kubeconfig_context);
  if (!access) throw std::runtime_error(access.error().message);
  if (access->plugin) {
    throw std::runtime_error(
        fmt::format("{}: a server runs no credential plugins; use a token, tokenFile or "
                    "client-certificate (kubectl create token makes one for a service account)",
                    access->plugin->place));
  }
  return std::move(*access);
}

ClusterSource::ClusterSource(const boost::asio::any_io_executor& executor,
                             const ServeOptions& options, SnapshotKeeper& snapshots, EventLog& log)
    : snapshots_(snapshots), log_(log) {
  const std::optional<ClusterAccess> access = cluster_access(options);
  if (!access) return;
  const auto log_of = [this](const char* what) {
    return [this, what](bool is_error, const std::string& line) {
      log_.write(is_error ? EventLog::Level::warn : EventLog::Level::info, what,
                 {{"detail", line}});
    };
  };
  classes_ = std::make_unique<RuntimeClassWatcher>(
      executor, *access, [this] { use_runtime_classes(); }, log_of("runtimeClasses"));
  pods_ = std::make_unique<PodWatcher>(
      executor, *access,
      [this](std::shared_ptr<const KnownPods> pods) { snapshots_.use_known_pods(std::move(pods)); },
      log_of("pods"));
  namespaces_ = std::make_unique<NamespaceWatcher>(
      executor, *access,
      [this](std::shared_ptr<const KnownNamespaces> namespaces) {
        snapshots_.use_namespaces(std::move(namespaces));
      },
      log_of("namespaces"));
  volumes_ = std::make_unique<PersistentVolumeWatcher>(
      executor, *access,
      [this](std::shared_ptr<const HostVolumes> volumes) {
        snapshots_.use_host_volumes(std::move(volumes));
      },
      log_of("persistentVolumes"));
  snapshots_.look_up_pods();
  snapshots_.await_namespaces();
}

void ClusterSource::start() {
  if (!classes_) return;
  classes_->start();
  pods_->start();
  namespaces_->start();
  volumes_->start();
}

void ClusterSource::stop() {
  if (!classes_) return;
  classes_->stop();
  pods_->stop();
  namespaces_->stop();
  volumes_->stop();
}

void ClusterSource::use_runtime_classes() {
  snapshots_.use_runtime_classes([this](const std::string& name) { return classes_->find(name); });
}

// "cvm, handler runc; profile gpu: cvm-gpu, handler runc".
void ClusterSource::report_runtime_classes(Readiness& readiness) {
  std::string problems, detail;
  visit_each(*snapshots_.current(), [&](const Snapshot& snapshot) {
    const std::string& profile = profile_name(snapshot);
    const RuntimeClassFacts* const facts = snapshot.runtime_class.get();
    const std::string problem = runtime_class_problem(*snapshot.settings, facts);
    const std::string begin = profile.empty() ? "" : fmt::format("profile {}: ", profile);
    detail += (detail.empty() ? "" : "; ") + begin;
    if (!problem.empty()) {
      detail += problem;
      problems += (problems.empty() ? "" : "; ") + begin + problem;
      return;
    }
    detail += snapshot.settings->runtime_class_name;
    detail += facts == nullptr ? ", not known yet" : fmt::format(", handler {}", facts->handler);
  });
  if (problems != told_) {
    if (!problems.empty()) log_.warn("runtimeClass", {{"problem", problems}});
    told_ = problems;
  }
  readiness.set("runtimeClass", true,
                with_failure(std::move(detail), classes_->status().last_error));
}

// None of these makes an instance unready: without it, no pod at all could be created.
void ClusterSource::update(Readiness& readiness) {
  if (!classes_) return;
  use_runtime_classes();
  report_runtime_classes(readiness);
  const auto report = [&readiness](const char* what, const WatchStatus& status) {
    readiness.set(what, true, with_failure({}, status.last_error));
  };
  report("pods", pods_->status());
  report("namespaces", namespaces_->status());
  report("persistentVolumes", volumes_->status());
}

}  // namespace cvm::webhook
