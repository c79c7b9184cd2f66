// ReloadedFiles: the settings and the certificate, taken from their files and taken again when
// these change.
#pragma once

#include <chrono>
#include <memory>

#include "webhook/server/file_reloader.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/serve_options.hpp"
#include "webhook/server/snapshot_keeper.hpp"
#include "webhook/server/tls_context.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

// All calls on one thread.
class ReloadedFiles {
 public:
  // Reads them, and gives `snapshots` the settings; throws what is wrong with them. What is given
  // by reference outlives this.
  ReloadedFiles(const ServeOptions& options, SnapshotKeeper& snapshots, ServiceCounters& counters,
                EventLog& log);

  // Looks whether they changed. Call from time to time.
  void poll();
  // Sets the checks "settings" and "certificate".
  void report(Readiness& readiness) const;

  // For connections that come from now on.
  const TlsContext& tls() const { return tls_; }
  std::chrono::system_clock::time_point certificate_not_after() const {
    return certificate_not_after_;
  }

 private:
  std::optional<Error> use_settings(const std::string& text);
  std::optional<Error> use_certificate(const std::string& certificate, const std::string& key);

  const ServeOptions& options_;
  SnapshotKeeper& snapshots_;
  ServiceCounters& counters_;
  EventLog& log_;
  std::unique_ptr<FileReloader> settings_;  // null: the default settings
  FileReloader certificate_;
  TlsContext tls_;
  std::chrono::system_clock::time_point certificate_not_after_;
};

}  // namespace cvm::webhook
