#include "webhook/server/reloaded_files.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/server/reload_report.hpp"

namespace cvm::webhook {

using SystemClock = std::chrono::system_clock;

ReloadedFiles::ReloadedFiles(const ServeOptions& options, SnapshotKeeper& snapshots,
                             ServiceCounters& counters, EventLog& log)
    : options_(options),
      snapshots_(snapshots),
      counters_(counters),
      log_(log),
      certificate_({options.tls_certificate_file, options.tls_key_file},
                   [this](const FileReloader::Contents& contents) {
                     return use_certificate(contents[0], contents[1]);
                   }) {
  if (options.settings_file.empty()) {
    snapshots_.use_settings(Settings{}, std::chrono::steady_clock::now());
  } else {
    settings_ = std::make_unique<FileReloader>(
        std::vector{options.settings_file},
        [this](const FileReloader::Contents& contents) { return use_settings(contents.front()); });
    settings_->load();
    count_success(counters_.settings);
  }
  certificate_.load();
  count_success(counters_.certificate);
}

std::optional<Error> ReloadedFiles::use_settings(const std::string& text) {
  SettingsResult result = parse_settings(text);
  if (!result.ok()) return Error{result.describe(options_.settings_file)};
  for (const std::string& notice : result.notices) log_.warn("settings", {{"notice", notice}});
  snapshots_.use_settings(std::move(result.settings), std::chrono::steady_clock::now());
  return std::nullopt;
}

std::optional<Error> ReloadedFiles::use_certificate(const std::string& certificate,
                                                    const std::string& key) {
  const std::string& file = options_.tls_certificate_file;
  const auto facts = certs::check_pair({certificate, key}, SystemClock::now());
  if (!facts) return Error{fmt::format("{}: {}", file, facts.error().message)};
  auto context = make_tls_context(certificate, key);
  if (!context) return Error{fmt::format("{}: {}", file, context.error().message)};
  tls_ = std::move(*context);
  certificate_not_after_ = facts->not_after;
  counters_.certificate_not_after_seconds.set(
      static_cast<std::uint64_t>(SystemClock::to_time_t(facts->not_after)));
  return std::nullopt;
}

void ReloadedFiles::poll() {
  if (settings_) {
    const auto event = settings_->poll();
    report_reload("settings", event, settings_->failure(), log_, counters_.settings);
  }
  const auto event = certificate_.poll();
  report_reload("certificate", event, certificate_.failure(), log_, counters_.certificate);
}

void ReloadedFiles::report(Readiness& readiness) const {
  readiness.set("settings", snapshots_.current() != nullptr,
                with_failure({}, settings_ ? settings_->failure() : std::string()));
  readiness.set(
      "certificate", SystemClock::now() < certificate_not_after_,
      with_failure(fmt::format("valid until {}", certs::format_time(certificate_not_after_)),
                   certificate_.failure()));
}

}  // namespace cvm::webhook
