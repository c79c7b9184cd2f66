#include "webhook/kubernetes/access/credential_plugin.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

// Its own file system library would have to be linked.
#define BOOST_PROCESS_USE_STD_FS
#include <algorithm>
#include <boost/process.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "certs/certificate.hpp"

namespace cvm::webhook {
namespace {

namespace process = boost::process;
using Json = nlohmann::json;

constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;  // bytes of an ExecCredential

Error error_of(const CredentialPlugin& plugin, const std::string& message) {
  return Error{fmt::format("{}: {}", plugin.place, message)};
}

std::string name_of(const CredentialPlugin& plugin) {
  return fmt::format("\"{}\"", plugin.command);
}

// What the plugin reads from KUBERNETES_EXEC_INFO.
std::string describe_call(const CredentialPlugin& plugin, bool is_interactive) {
  Json spec = {{"interactive", is_interactive}};
  if (!plugin.cluster.empty()) spec["cluster"] = Json::parse(plugin.cluster);
  return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}
      .dump();
}

Result<std::string> find_program(const CredentialPlugin& plugin) {
  std::error_code error;
  if (plugin.command.find('/') != std::string::npos) {
    if (std::filesystem::exists(plugin.command, error)) {
      return {boost::system::in_place_value, plugin.command};
    }
  } else if (const auto found = process::search_path(plugin.command); !found.empty()) {
    return {boost::system::in_place_value, found.string()};
  }
  std::string hint = plugin.install_hint.empty() ? "" : "; " + plugin.install_hint;
  // No sequences that a terminal would obey.
  std::erase_if(hint, [](char c) { return c != '\n' && static_cast<unsigned char>(c) < ' '; });
  return error_of(plugin, fmt::format("there is no program {}{}", name_of(plugin), hint));
}

// What it prints.
Result<std::string> run(const CredentialPlugin& plugin, const std::string& program,
                        bool is_interactive) {
  process::environment environment = boost::this_process::environment();
  for (const auto& [name, value] : plugin.environment) environment[name] = value;
  environment["KUBERNETES_EXEC_INFO"] = describe_call(plugin, is_interactive);
  process::ipstream output;
  std::string answer;
  std::error_code error;
  const auto launch = [&](auto&& input) {
    return process::child(program, process::args(plugin.arguments), environment,
                          process::std_out > output, std::forward<decltype(input)>(input), error);
  };
  process::child child =
      is_interactive ? launch(process::std_in < stdin) : launch(process::std_in < process::null);
  if (error)
    return error_of(plugin, fmt::format("{} cannot be run: {}", name_of(plugin), error.message()));
  for (char byte = 0; answer.size() <= kMaxAnswer && output.get(byte);) answer += byte;
  if (answer.size() > kMaxAnswer) {
    child.terminate(error);
    return error_of(plugin, fmt::format("{} printed more than 1 MiB", name_of(plugin)));
  }
  child.wait(error);
  if (error) return error_of(plugin, fmt::format("{}: {}", name_of(plugin), error.message()));
  if (const int status = child.native_exit_code(); WIFSIGNALED(status)) {
    return error_of(plugin,
                    fmt::format("{} was ended by signal {}", name_of(plugin), WTERMSIG(status)));
  }
  if (child.exit_code() != 0) {
    return error_of(
        plugin, fmt::format("{} failed with exit status {}", name_of(plugin), child.exit_code()));
  }
  return {boost::system::in_place_value, std::move(answer)};
}

// Its member, empty when it is not there; what was printed is never repeated in messages, as it
// holds secrets.
Result<std::string> text_of(const CredentialPlugin& plugin, const Json& status, const char* key) {
  const auto found = status.find(key);
  if (found == status.end() || found->is_null()) return {boost::system::in_place_value};
  if (!found->is_string()) {
    return error_of(plugin,
                    fmt::format("{} printed a status.{} that is no string", name_of(plugin), key));
  }
  return {boost::system::in_place_value, found->get<std::string>()};
}

Result<void> use_answer(const CredentialPlugin& plugin, const std::string& answer,
                        ClusterAccess& access) {
  const Json credential = Json::parse(answer, nullptr, false);
  if (!credential.is_object() || credential.value("kind", Json()) != "ExecCredential") {
    return error_of(plugin, fmt::format("{} printed no ExecCredential", name_of(plugin)));
  }
  if (credential.value("apiVersion", Json()) != plugin.api_version) {
    return error_of(plugin, fmt::format("{} printed another apiVersion than {}", name_of(plugin),
                                        plugin.api_version));
  }
  const Json status = credential.value("status", Json());
  if (!status.is_object())
    return error_of(plugin, fmt::format("{} printed no status", name_of(plugin)));
  const Result<std::string> token = text_of(plugin, status, "token");
  if (!token) return token.error();
  const Result<std::string> certificate = text_of(plugin, status, "clientCertificateData");
  if (!certificate) return certificate.error();
  const Result<std::string> key = text_of(plugin, status, "clientKeyData");
  if (!key) return key.error();
  if (certificate->empty() != key->empty()) {
    return error_of(plugin,
                    fmt::format("{} printed one of clientCertificateData and clientKeyData alone",
                                name_of(plugin)));
  }
  if (token->empty() && certificate->empty()) {
    return error_of(plugin,
                    fmt::format("{} printed neither a token nor a certificate", name_of(plugin)));
  }
  // It becomes a header of requests.
  if (std::any_of(token->begin(), token->end(), [](char c) { return c <= ' ' || c == '\x7f'; })) {
    return error_of(
        plugin,
        fmt::format("{} printed a token with a blank in it, or with characters that are not ASCII",
                    name_of(plugin)));
  }
  if (!token->empty() && !access.tls) {
    return error_of(plugin, "its token would be sent in the clear; the server must be https");
  }
  if (!certificate->empty()) {
    const auto checked = certs::check_pair({*certificate, *key}, std::chrono::system_clock::now());
    if (!checked) {
      return error_of(plugin, fmt::format("{} printed a certificate that cannot be used: {}",
                                          name_of(plugin), checked.error().message));
    }
  }
  access.token = *token;
  access.client_certificate_pem = *certificate;
  access.client_key_pem = *key;
  return {};
}

}  // namespace

Result<void> run_credential_plugin(ClusterAccess& access) {
  if (!access.plugin) return {};
  const CredentialPlugin& plugin = *access.plugin;
  using Interaction = CredentialPlugin::Interaction;
  const bool is_interactive =
      plugin.interaction != Interaction::kNever && ::isatty(STDIN_FILENO) == 1;
  if (plugin.interaction == Interaction::kAlways && !is_interactive) {
    return error_of(plugin,
                    fmt::format("{} wants to ask the user, and the standard input is no terminal",
                                name_of(plugin)));
  }
  const Result<std::string> program = find_program(plugin);
  if (!program) return program.error();
  const Result<std::string> answer = run(plugin, *program, is_interactive);
  if (!answer) return answer.error();
  return use_answer(plugin, *answer, access);
}

}  // namespace cvm::webhook
