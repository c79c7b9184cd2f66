// serve: the webhook itself.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <memory>

#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/choice.hpp"
#include "webhook/server/service.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kServeExamples = R"(
Serves /mutate and /validate over TLS on --listen, and /healthz, /readyz[?verbose] and /metrics on both
ports. The settings, the certificate and --nodes are read again when their contents change; what is
wrong leaves the old in use. SIGTERM drains: unready at once, then --drain-delay of serving on.

Examples:
  cvm-webhook serve --settings settings.yaml --in-cluster --tls-cert tls/tls.crt --tls-key tls/tls.key
  cvm-webhook serve --settings settings.yaml --nodes nodes.yaml --tls-cert tls/tls.crt \
      --tls-key tls/tls.key --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --log-format text
  cvm-webhook serve --in-cluster --tls-cert tls/tls.crt --tls-key tls/tls.key --record recorded)";

const std::map<std::string, LogFormat> kFormats = {{"json", LogFormat::kJson},
                                                   {"text", LogFormat::kText}};
const std::map<std::string, EventLog::Level> kLevels = {{"debug", EventLog::Level::debug},
                                                        {"info", EventLog::Level::info},
                                                        {"warn", EventLog::Level::warn},
                                                        {"error", EventLog::Level::err}};

std::string to_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + "s" : std::to_string(count) + "ms";
}

// A duration flag: "10s", "250ms", "2m".
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& help, std::int64_t least_milliseconds = 0) {
  static const std::map<std::string, std::int64_t> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};
  constexpr std::int64_t kMost = std::int64_t{365} * 24 * 60 * 60 * 1000;
  return app
      .add_option_function<std::int64_t>(
          name, [&target](std::int64_t value) { target = std::chrono::milliseconds(value); }, help)
      ->transform(
          CLI::AsNumberWithUnit(kUnits, CLI::AsNumberWithUnit::UNIT_REQUIRED).description(""))
      ->check(CLI::Range(least_milliseconds, kMost).description(""))
      ->type_name("DURATION")
      ->default_str(to_text(target));
}

void add_files(CLI::App& app, ServeOptions& options) {
  app.add_option("--settings", options.settings_file, "Settings file (default: every default)")
      ->type_name("FILE");
  auto* nodes = app.add_option("--nodes", options.nodes_file, "Nodes from a file, YAML or JSON")
                    ->type_name("FILE");
  auto* kubeconfig = app.add_option("--kubeconfig", options.kubeconfig_file,
                                    "Nodes from the API server of a kubeconfig file")
                         ->type_name("FILE")
                         ->excludes(nodes);
  app.add_option("--context", options.kubeconfig_context, "Context of the kubeconfig file")
      ->type_name("NAME")
      ->needs(kubeconfig);
  app.add_flag("--in-cluster", options.in_cluster,
               "Nodes from the API server, as the pod's service account")
      ->excludes(nodes)
      ->excludes(kubeconfig);
  app.add_option("--tls-cert", options.tls_certificate_file, "Serving certificate (chain), PEM")
      ->type_name("FILE")
      ->required();
  app.add_option("--tls-key", options.tls_key_file, "Its private key, PEM")
      ->type_name("FILE")
      ->required();
  add_duration(app, "--reload-interval", options.reload_interval,
               "How often the files are looked at", 10);
}

void add_process(CLI::App& app, ServeOptions& options) {
  app.add_option("--listen", options.listen, "Address of the TLS port; port 0: a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--ops-listen", options.ops_listen, "Address of the plain operations port")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Serving threads (default: one a core, at least 2)")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("NUMBER");
  app.add_option("--log-format", options.log_format, "json or text (default: json)")
      ->transform(one_of(kFormats))
      ->type_name("FORMAT");
  app.add_option("--log-level", options.log_level, "debug, info, warn or error (default: info)")
      ->transform(one_of(kLevels))
      ->type_name("LEVEL");
  add_duration(app, "--drain-delay", options.drain_delay,
               "After SIGTERM: how long to serve on before connections are refused");
  add_duration(app, "--drain-timeout", options.drain_timeout,
               "Then: how long requests under way may take");
}

void add_recording(CLI::App& app, ServeOptions& options) {
  constexpr const char* kGroup = "Recording";
  constexpr std::size_t kMost = std::size_t{1} << 40U;
  auto* directory = app.add_option("--record", options.record_directory,
                                   "Write decided calls into this directory, without what is "
                                   "private in them, for `cvm-webhook replay`")
                        ->type_name("DIR")
                        ->group(kGroup);
  const auto number = [&](const char* name, std::size_t& target, const char* help) {
    app.add_option(name, target, help)
        ->check(CLI::Range(std::size_t{1}, kMost).description(""))
        ->type_name("NUMBER")
        ->capture_default_str()
        ->needs(directory)
        ->group(kGroup);
  };
  number("--record-calls", options.record_limits.calls, "Files in it after which recording ends");
  number("--record-bytes", options.record_limits.bytes, "Bytes in it after which recording ends");
}

void add_limits(CLI::App& app, Limits& limits) {
  constexpr const char* kGroup = "Limits";
  const auto number = [&](const char* name, std::size_t& target, const char* help,
                          std::size_t least, std::size_t most) {
    app.add_option(name, target, help)
        ->check(CLI::Range(least, most).description(""))
        ->type_name("NUMBER")
        ->capture_default_str()
        ->group(kGroup);
  };
  const auto timeout = [&](const char* name, std::chrono::milliseconds& target, const char* help) {
    add_duration(app, name, target, help, 1)->group(kGroup);
  };
  number("--max-body-bytes", limits.max_body_bytes, "Largest request body", 1024, 256 << 20);
  // A head must fit into a read buffer.
  number("--max-header-bytes", limits.max_header_bytes, "Largest request head", 1024, 24 << 10);
  number("--max-connections", limits.max_connections, "Connections at the same time", 1, 1 << 20);
  timeout("--handshake-timeout", limits.handshake_timeout, "Longest TLS handshake");
  timeout("--header-timeout", limits.header_timeout, "Longest wait for a request's whole head");
  timeout("--body-timeout", limits.body_timeout, "Longest wait for its whole body");
  timeout("--write-timeout", limits.write_timeout, "Longest time in which an answer is taken");
  timeout("--idle-timeout", limits.idle_timeout,
          "Longest time between requests; the API server's own is 90s");
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* serve = app.add_subcommand("serve", "Serve admission calls over TLS");
  serve->footer(kServeExamples);
  add_files(*serve, *options);
  add_process(*serve, *options);
  add_recording(*serve, *options);
  add_limits(*serve, options->limits);
  serve->callback([options, &exit_code] { exit_code = Service(*options).run(); });
}

}  // namespace cvm::webhook
