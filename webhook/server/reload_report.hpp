// What a look at a file gave, in the log and in the metrics.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "webhook/server/file_reloader.hpp"
#include "webhook/telemetry/event_log.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

inline void count_success(ReloadCounters& counters) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  counters.last_success_seconds.set(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()));
}

// `what`: "settings", "certificate" or "nodes".
inline void report_reload(std::string_view what, FileReloader::Event event,
                          const std::string& failure, EventLog& log, ReloadCounters& counters) {
  if (event == FileReloader::Event::kReloaded) {
    counters.succeeded.add();
    count_success(counters);
    log.info("file reloaded", {{"file", what}});
  } else if (event == FileReloader::Event::kFailed) {
    counters.failed.add();
    log.error("file not reloaded; what was read before stays in use",
              {{"file", what}, {"reason", failure}});
  }
}

}  // namespace cvm::webhook
