// certs issue | inspect: certificates without cert-manager.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

using certs::CertificateFacts;
using certs::KeyPair;

constexpr const char* kIssueExamples = R"(
Writes ca.crt, ca.key, tls.crt and tls.key. The API server needs ca.crt, as caBundle; the webhook
needs tls.crt and tls.key; ca.key is for the next certificate and goes on no cluster.

Examples:
  cvm-webhook certs issue --dir tls --service cvm-webhook --namespace cvm-system
  cvm-webhook certs issue --dir tls --dns localhost --ip 127.0.0.1 --ip ::1
  # the next certificate of the same CA; the caBundle stays as it is
  cvm-webhook certs issue --dir tls --ca-cert tls/ca.crt --ca-key tls/ca.key --force \
      --service cvm-webhook --namespace cvm-system)";

constexpr const char* kInspectExamples = R"(
Examples:
  cvm-webhook certs inspect tls/tls.crt tls/ca.crt
  kubectl -n cvm-system get secret cvm-webhook-tls -o 'jsonpath={.data.tls\.crt}' | base64 -d |
      cvm-webhook certs inspect -o json /dev/stdin)";

struct IssueOptions {
  std::string directory;
  std::vector<std::string> dns_names, ip_addresses;
  std::string service, service_namespace = "cvm-system";
  std::string ca_certificate, ca_key;
  std::string validity = "8760h", ca_validity = "87600h";
  bool force = false;
};

struct InspectOptions {
  std::vector<std::string> files;
  std::string output = "text";
};

int fail(const std::string& message) {
  std::cerr << "cvm-webhook certs: " << message << '\n';
  return kExitUnusable;
}

// "8760h" or "365d".
certs::Result<std::chrono::hours> parse_validity(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const bool well_formed = digits > 0 && digits <= 7 && digits + 1 == text.size() &&
                           (text.back() == 'h' || text.back() == 'd');
  if (!well_formed) {
    return certs::Error{
        fmt::format("\"{}\" is not a validity; expected hours or days, as 8760h or 365d", text)};
  }
  return std::chrono::hours{std::stol(text) * (text.back() == 'd' ? 24 : 1)};
}

std::vector<std::string> service_names(const std::string& service, const std::string& ns) {
  const std::string full = fmt::format("{}.{}.svc", service, ns);
  return {full, fmt::format("{}.cluster.local", full), fmt::format("{}.{}", service, ns), service};
}

// A file to write, and whether it may replace one that is there.
struct OutputFile {
  std::string name;
  std::string content;
  mode_t mode;
};

// All or nothing is decided before the first write. A file with the same content is left alone.
certs::Result<void> write_files(const IssueOptions& options, std::vector<OutputFile> files) {
  namespace fs = std::filesystem;
  std::error_code code;
  fs::create_directories(options.directory, code);
  if (code) {
    return certs::Error{
        fmt::format("cannot create the directory {}: {}", options.directory, code.message())};
  }
  std::erase_if(files, [&](const OutputFile& file) {
    const certs::Result<std::string> old =
        certs::read_file(fs::path(options.directory) / file.name);
    return old && *old == file.content;
  });
  for (const OutputFile& file : files) {
    const fs::path path = fs::path(options.directory) / file.name;
    if (!options.force && fs::exists(fs::symlink_status(path, code))) {
      return certs::Error{fmt::format("{} exists; give --force to overwrite it", path.string())};
    }
  }
  for (const OutputFile& file : files) {
    const fs::path path = fs::path(options.directory) / file.name;
    certs::Result<void> written = certs::write_file_atomically(path, file.content, file.mode);
    if (!written) return written;
  }
  return {};
}

certs::Result<KeyPair> read_pair(const std::string& certificate, const std::string& key) {
  const certs::Result<std::string> certificate_pem = certs::read_file(certificate);
  if (!certificate_pem) return certificate_pem.error();
  const certs::Result<std::string> key_pem = certs::read_file(key);
  if (!key_pem) return key_pem.error();
  return KeyPair{*certificate_pem, *key_pem};
}

long days_left(const CertificateFacts& facts, certs::TimePoint now) {
  return std::chrono::floor<std::chrono::days>(facts.not_after - now).count();
}

int issue(const IssueOptions& options) {
  const certs::TimePoint now = std::chrono::system_clock::now();
  const certs::Result<std::chrono::hours> validity = parse_validity(options.validity);
  if (!validity) return fail(validity.error().message);
  const certs::Result<std::chrono::hours> ca_validity = parse_validity(options.ca_validity);
  if (!ca_validity) return fail(ca_validity.error().message);

  certs::ServingOptions serving;
  if (!options.service.empty()) {
    serving.dns_names = service_names(options.service, options.service_namespace);
  }
  serving.dns_names.insert(serving.dns_names.end(), options.dns_names.begin(),
                           options.dns_names.end());
  serving.ip_addresses = options.ip_addresses;
  serving.validity = *validity;

  const bool reuse = !options.ca_certificate.empty();
  certs::CaOptions ca_options;
  ca_options.validity = *ca_validity;
  const certs::Result<KeyPair> ca =
      reuse ? read_pair(options.ca_certificate, options.ca_key) : certs::issue_ca(ca_options, now);
  if (!ca) return fail(ca.error().message);
  const certs::Result<KeyPair> pair = certs::issue_serving(*ca, serving, now);
  if (!pair) return fail(pair.error().message);

  std::vector<OutputFile> files = {
      {"ca.crt", ca->certificate_pem, certs::kPublicFileMode},
      {"tls.key", pair->key_pem, certs::kPrivateKeyFileMode},
      {"tls.crt", pair->certificate_pem, certs::kPublicFileMode},
  };
  // A CA key that is somewhere already is not copied to a second place.
  if (!reuse) files.push_back({"ca.key", ca->key_pem, certs::kPrivateKeyFileMode});
  const certs::Result<void> written = write_files(options, std::move(files));
  if (!written) return fail(written.error().message);

  const certs::Result<CertificateFacts> facts = certs::check_pair(*pair, now);
  if (!facts) return fail(facts.error().message);
  std::cout << "wrote "
            << (reuse ? "ca.crt, tls.crt and tls.key" : "ca.crt, ca.key, tls.crt and tls.key")
            << " to " << options.directory << "; the certificate " << facts->subject
            << " is valid until " << certs::format_time(facts->not_after) << '\n';
  return kExitOk;
}

std::string validity_state(const CertificateFacts& facts, certs::TimePoint now) {
  const long days = days_left(facts, now);
  if (now > facts.not_after) return fmt::format("expired {} days ago", -days - 1);
  if (now < facts.not_before) return "not valid yet";
  return fmt::format("{} days left", days);
}

void print_text(const std::string& file, const CertificateFacts& facts, certs::TimePoint now) {
  const auto line = [](const char* name, const std::string& value) {
    std::cout << "  " << name << std::string(13 - std::string_view(name).size(), ' ') << value
              << '\n';
  };
  std::cout << file << '\n';
  line("subject", facts.subject + (facts.is_ca ? " (a CA)" : ""));
  line("issuer", facts.issuer);
  for (const std::string& name : facts.dns_names) line("DNS name", name);
  for (const std::string& address : facts.ip_addresses) line("IP address", address);
  line("not before", certs::format_time(facts.not_before));
  line("not after",
       fmt::format("{} ({})", certs::format_time(facts.not_after), validity_state(facts, now)));
  line("key", facts.key_algorithm);
  line("serial", facts.serial);
  line("SHA-256", facts.sha256_fingerprint);
}

nlohmann::ordered_json to_json(const std::string& file, const CertificateFacts& facts,
                               certs::TimePoint now) {
  return {{"file", file},
          {"subject", facts.subject},
          {"issuer", facts.issuer},
          {"isCA", facts.is_ca},
          {"dnsNames", facts.dns_names},
          {"ipAddresses", facts.ip_addresses},
          {"notBefore", certs::format_time(facts.not_before)},
          {"notAfter", certs::format_time(facts.not_after)},
          {"daysLeft", days_left(facts, now)},
          {"valid", now >= facts.not_before && now <= facts.not_after},
          {"keyAlgorithm", facts.key_algorithm},
          {"serial", facts.serial},
          {"sha256Fingerprint", facts.sha256_fingerprint}};
}

int inspect(const InspectOptions& options) {
  const certs::TimePoint now = std::chrono::system_clock::now();
  int status = kExitOk;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const std::string& file : options.files) {
    const certs::Result<std::string> content = certs::read_file(file);
    if (!content) {
      status = fail(content.error().message);
      continue;
    }
    const certs::Result<std::vector<CertificateFacts>> facts = certs::inspect(*content);
    if (!facts) {
      status = fail(fmt::format("{}: {}", file, facts.error().message));
      continue;
    }
    for (const CertificateFacts& certificate : *facts) {
      if (options.output == "json") {
        all.push_back(to_json(file, certificate, now));
      } else {
        print_text(file, certificate, now);
      }
    }
  }
  if (options.output == "json") {
    std::cout << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  }
  return status;
}

void add_issue(const Command& certs) {
  auto options = std::make_shared<IssueOptions>();
  const Command issue_command = certs.add_command("issue", "Make a CA and a serving certificate");
  issue_command.footer(kIssueExamples);
  issue_command.option("--dir", options->directory, "Directory to write to; made when absent")
      .takes("DIR")
      .required();
  issue_command.option("--dns", options->dns_names, "DNS name that the server is reached by");
  issue_command.option("--ip", options->ip_addresses, "IP address that the server is reached by");
  issue_command.option(
      "--service", options->service,
      "Name of the webhook's Service: adds NAME.NAMESPACE.svc and its other names");
  issue_command.option("--namespace", options->service_namespace, "Namespace of the Service")
      .shows_default();
  issue_command.option("--validity", options->validity, "Of the serving certificate: 8760h or 365d")
      .shows_default();
  issue_command.option("--ca-validity", options->ca_validity, "Of a new CA").shows_default();
  Option ca = issue_command.option("--ca-cert", options->ca_certificate,
                                   "Use this CA instead of a new one; its key is not copied");
  Option key = issue_command.option("--ca-key", options->ca_key, "The private key of --ca-cert");
  ca.takes("FILE").needs(key);
  key.takes("FILE").needs(ca);
  issue_command.flag("--force", options->force, "Overwrite files that are there");
  issue_command.runs([options] { return issue(*options); });
}

void add_inspect(const Command& certs) {
  auto options = std::make_shared<InspectOptions>();
  const Command inspect_command = certs.add_command("inspect", "Show what is in PEM certificates");
  inspect_command.footer(kInspectExamples);
  inspect_command.option("FILE", options->files, "PEM files, each with one or more certificates")
      .takes("")
      .required();
  inspect_command.option("-o,--output", options->output, "text or json; default: text")
      .one_of({"text", "json"})
      .takes("FORM");
  inspect_command.runs([options] { return inspect(*options); });
}

}  // namespace

void add_certs_command(const Command& program) {
  const Command certs = program.add_family("certs", "Issue and inspect certificates");
  add_issue(certs);
  add_inspect(certs);
}

}  // namespace cvm::webhook
