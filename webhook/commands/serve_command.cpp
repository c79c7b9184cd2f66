// serve: the webhook itself.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <memory>

#include "webhook/commands/commands.hpp"
#include "webhook/server/service.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kExamples = R"(
Serves /mutate and /validate over TLS on --listen, and /healthz, /readyz[?verbose] and /metrics on both
ports. The settings, the certificate and --nodes are read again when their contents change; what is
wrong leaves the old in use. SIGTERM drains: unready at once, then --drain-delay of serving on.

Examples:
  cvm-webhook serve --settings settings.yaml --in-cluster --tls-cert tls/tls.crt --tls-key tls/tls.key
  cvm-webhook serve --settings settings.yaml --nodes nodes.yaml --tls-cert tls/tls.crt \
      --tls-key tls/tls.key --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --log-format text)";

const std::map<std::string, LogFormat> kFormats = {{"json", LogFormat::kJson},
                                                   {"text", LogFormat::kText}};
const std::map<std::string, EventLog::Level> kLevels = {{"debug", EventLog::Level::debug},
                                                        {"info", EventLog::Level::info},
                                                        {"warn", EventLog::Level::warn},
                                                        {"error", EventLog::Level::err}};

// A duration flag: "10s", "250ms", "2m".
void add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                  const std::string& help) {
  static const std::map<std::string, std::int64_t> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};
  app.add_option_function<std::int64_t>(
         name, [&target](std::int64_t value) { target = std::chrono::milliseconds(value); }, help)
      ->transform(CLI::AsNumberWithUnit(kUnits, CLI::AsNumberWithUnit::UNIT_REQUIRED))
      ->check(CLI::NonNegativeNumber)
      ->type_name("DURATION")
      ->default_str(std::to_string(target.count()) + "ms");
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
               "How often the files are looked at");
}

void add_process(CLI::App& app, ServeOptions& options) {
  app.add_option("--listen", options.listen, "Address of the TLS port; port 0: a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--ops-listen", options.ops_listen, "Address of the plain operations port")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Serving threads (default: one a core, at least 2)")
      ->check(CLI::Range(1, 256));
  app.add_option("--log-format", options.log_format, "json or text (default: json)")
      ->transform(CLI::CheckedTransformer(kFormats))
      ->type_name("FORMAT");
  app.add_option("--log-level", options.log_level, "debug, info, warn or error (default: info)")
      ->transform(CLI::CheckedTransformer(kLevels))
      ->type_name("LEVEL");
  add_duration(app, "--drain-delay", options.drain_delay,
               "After SIGTERM: how long to serve on before connections are refused");
  add_duration(app, "--drain-timeout", options.drain_timeout,
               "Then: how long requests under way may take");
}

void add_limits(CLI::App& app, Limits& limits) {
  const auto number = [&](const char* name, std::size_t& target, const char* help,
                          std::size_t least, std::size_t most) {
    app.add_option(name, target, help)
        ->check(CLI::Range(least, most))
        ->type_name("NUMBER")
        ->capture_default_str()
        ->group("Limits");
  };
  number("--max-body-bytes", limits.max_body_bytes, "Largest request body", 1024, 256 << 20);
  // A head must fit into a read buffer.
  number("--max-header-bytes", limits.max_header_bytes, "Largest request head", 1024, 24 << 10);
  number("--max-connections", limits.max_connections, "Connections at the same time", 1, 1 << 20);
  add_duration(app, "--handshake-timeout", limits.handshake_timeout, "For a TLS handshake");
  add_duration(app, "--header-timeout", limits.header_timeout, "For a request's head");
  add_duration(app, "--body-timeout", limits.body_timeout, "For a request's body");
  add_duration(app, "--write-timeout", limits.write_timeout, "For an answer");
  add_duration(app, "--idle-timeout", limits.idle_timeout, "Between requests");
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* serve = app.add_subcommand("serve", "Serve admission calls over TLS");
  serve->footer(kExamples);
  add_files(*serve, *options);
  add_process(*serve, *options);
  add_limits(*serve, options->limits);
  serve->callback([options, &exit_code] { exit_code = Service(*options).run(); });
}

}  // namespace cvm::webhook
