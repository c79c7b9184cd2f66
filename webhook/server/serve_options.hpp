// ServeOptions: what `serve` is told on its command line.
#pragma once

#include <unistd.h>

#include <chrono>
#include <string>

#include "webhook/recording/recorder.hpp"
#include "webhook/server/limits.hpp"
#include "webhook/telemetry/event_log.hpp"

namespace cvm::webhook {

struct ServeOptions {
  std::string settings_file;  // empty: the default settings

  // At most one source of nodes.
  std::string nodes_file;
  std::string kubeconfig_file, kubeconfig_context;
  bool in_cluster = false;

  std::string tls_certificate_file, tls_key_file;
  std::string listen = "0.0.0.0:8443";
  std::string ops_listen = "0.0.0.0:8080";
  unsigned threads = 0;  // 0: one a core, at least 2

  std::string record_directory;  // empty: calls are not recorded
  RecordLimits record_limits;

  LogFormat log_format = LogFormat::kJson;
  EventLog::Level log_level = EventLog::Level::info;
  int log_descriptor = STDOUT_FILENO;

  // From SIGTERM: how long new connections are still served, then how long requests may take that
  // are under way.
  std::chrono::milliseconds drain_delay{10'000};
  std::chrono::milliseconds drain_timeout{20'000};
  std::chrono::milliseconds reload_interval{1'000};
  Limits limits;
};

}  // namespace cvm::webhook
