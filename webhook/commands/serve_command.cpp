// serve: the webhook itself.
#include <chrono>
#include <map>
#include <memory>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/server/service.hpp"

namespace cvm::webhook {
namespace {

using namespace std::chrono_literals;

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

void add_files(const Command& serve, ServeOptions& options) {
  serve.option("--settings", options.settings_file, "Settings file (default: every default)")
      .takes("FILE");
  const Option nodes =
      serve.option("--nodes", options.nodes_file, "Nodes from a file, YAML or JSON").takes("FILE");
  const Option kubeconfig = serve
                                .option("--kubeconfig", options.kubeconfig_file,
                                        "Nodes from the API server of a kubeconfig file")
                                .takes("FILE")
                                .excludes(nodes);
  serve.option("--context", options.kubeconfig_context, "Context of the kubeconfig file")
      .takes("NAME")
      .needs(kubeconfig);
  serve
      .flag("--in-cluster", options.in_cluster,
            "Nodes from the API server, as the pod's service account")
      .excludes(nodes)
      .excludes(kubeconfig);
  serve.option("--tls-cert", options.tls_certificate_file, "Serving certificate (chain), PEM")
      .takes("FILE")
      .required();
  serve.option("--tls-key", options.tls_key_file, "Its private key, PEM").takes("FILE").required();
  serve.duration("--reload-interval", options.reload_interval, "How often the files are looked at",
                 10ms);
}

void add_process(const Command& serve, ServeOptions& options) {
  serve.option("--listen", options.listen, "Address of the TLS port; port 0: a free one")
      .takes("HOST:PORT")
      .shows_default();
  serve.option("--ops-listen", options.ops_listen, "Address of the plain operations port")
      .takes("HOST:PORT")
      .shows_default();
  serve
      .number("--threads", options.threads, "Serving threads (default: one a core, at least 2)", 1,
              256)
      .takes("NUMBER");
  serve.choice("--log-format", options.log_format, "json or text (default: json)", kFormats)
      .takes("FORMAT");
  serve
      .choice("--log-level", options.log_level, "debug, info, warn or error (default: info)",
              kLevels)
      .takes("LEVEL");
  serve.duration("--drain-delay", options.drain_delay,
                 "After SIGTERM: how long to serve on before connections are refused");
  serve.duration("--drain-timeout", options.drain_timeout,
                 "Then: how long requests under way may take");
}

void add_recording(const Command& serve, ServeOptions& options) {
  constexpr const char* kGroup = "Recording";
  constexpr std::size_t kMost = std::size_t{1} << 40U;
  const Option directory = serve
                               .option("--record", options.record_directory,
                                       "Write decided calls into this directory, without what is "
                                       "private in them, for `cvm-webhook replay`")
                               .takes("DIR")
                               .under(kGroup);
  const auto number = [&](const char* name, std::size_t& target, const char* help) {
    serve.number(name, target, help, 1, kMost)
        .takes("NUMBER")
        .shows_default()
        .needs(directory)
        .under(kGroup);
  };
  number("--record-calls", options.record_limits.calls, "Files in it after which recording ends");
  number("--record-bytes", options.record_limits.bytes, "Bytes in it after which recording ends");
}

void add_limits(const Command& serve, Limits& limits) {
  constexpr const char* kGroup = "Limits";
  const auto number = [&](const char* name, std::size_t& target, const char* help,
                          std::size_t least, std::size_t most) {
    serve.number(name, target, help, least, most).takes("NUMBER").shows_default().under(kGroup);
  };
  const auto timeout = [&](const char* name, std::chrono::milliseconds& target, const char* help) {
    serve.duration(name, target, help, 1ms).under(kGroup);
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

void add_serve_command(const Command& program) {
  auto options = std::make_shared<ServeOptions>();
  const Command serve = program.add_command("serve", "Serve admission calls over TLS");
  serve.footer(kServeExamples);
  add_files(serve, *options);
  add_process(serve, *options);
  add_recording(serve, *options);
  add_limits(serve, options->limits);
  serve.runs([options] { return Service(*options).run(); });
}

}  // namespace cvm::webhook
