// doctor: whether a cluster is ready for CVMs, and what to do where it is not.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>

#include "certs/files.hpp"
#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/cluster_options.hpp"
#include "webhook/commands/options/color_option.hpp"
#include "webhook/doctor/cluster_collector.hpp"
#include "webhook/doctor/cluster_dump.hpp"
#include "webhook/doctor/doctor_output.hpp"
#include "webhook/doctor/settings_in_force.hpp"
#include "webhook/evaluation/input.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kDoctorExamples = R"(
Changes nothing and reads no Secret. What may not be read is skipped, with the reason. The settings
are those in the ConfigMap that the webhook's Deployment mounts, where --settings names no others.

Where the API server calls the webhook by a URL, and with --in-cluster, the serving certificate is
looked at on a connection; else --serving-cert names it. With --in-cluster the rights are those of
this pod's own service account; else of the webhook's, which takes the right to create
subjectaccessreviews.

Exit status: 0 no check failed (there may be warnings), 1 one did, 2 the input is unusable or there
was no answer.

Examples:
  cvm-webhook doctor --dump dump.yaml
  kubectl get nodes,namespaces,runtimeclasses,mutatingwebhookconfigurations,validatingwebhookconfigurations,services,endpointslices,deployments,configmaps,limitranges,resourcequotas,storageclasses,persistentvolumes,pods --all-namespaces -o yaml | cvm-webhook doctor --dump -
  cvm-webhook doctor --dump dump.yaml --settings settings.yaml --serving-cert tls/tls.crt -o json
  cvm-webhook doctor --kubeconfig ~/.kube/config
  cvm-webhook doctor --in-cluster -o junit)";

enum class DoctorOutput { kText, kJson, kJunit };

const std::map<std::string, DoctorOutput> kDoctorOutputs = {
    {"text", DoctorOutput::kText}, {"json", DoctorOutput::kJson}, {"junit", DoctorOutput::kJunit}};

struct DoctorOptions {
  std::vector<std::string> dumps;
  ClusterOptions cluster;
  std::string settings_file, certificate_file;
  DoctorOutput output = DoctorOutput::kText;
  ColorChoice color = ColorChoice::kAuto;
};

void check_doctor_input(const DoctorOptions& options) {
  auto count = std::count(options.dumps.begin(), options.dumps.end(), "-");
  if (options.settings_file == "-") ++count;
  if (count > 1) {
    throw UsageError("only one of --dump and --settings can be the standard input");
  }
}

ClusterFacts get_facts(const DoctorOptions& options) {
  if (!options.dumps.empty()) return read_dumps(options.dumps);
  auto facts = collect_facts(open_cluster(options.cluster, "doctor"), options.cluster.in_cluster);
  if (!facts) throw Unusable(fmt::format("cvm-webhook doctor: {}", facts.error().message));
  return std::move(*facts);
}

CheckedSettings get_settings(const DoctorOptions& options, const ClusterFacts& facts) {
  if (options.settings_file.empty()) return live_settings(facts);
  return {
      read_settings(options.settings_file),
      {CheckStatus::kPass, fmt::format("the settings of {}", options.settings_file == "-"
                                                                 ? std::string("the standard input")
                                                                 : options.settings_file)}};
}

void read_certificate(const std::string& file, ClusterFacts& facts) {
  if (file.empty()) return;
  auto pem = certs::read_file(file);
  if (!pem) throw Unusable(fmt::format("cvm-webhook doctor: {}", pem.error().message));
  if (const auto inspected = certs::inspect(*pem); !inspected) {
    throw Unusable(fmt::format("{}: {}", file, inspected.error().message));
  }
  facts.serving_certificate = {file, std::move(*pem), {}};
}

int run_doctor(const DoctorOptions& options) {
  ClusterFacts facts = get_facts(options);
  read_certificate(options.certificate_file, facts);
  const CheckedSettings settings = get_settings(options, facts);
  const auto results = run_checks({facts, settings, std::chrono::system_clock::now()});
  switch (options.output) {
    case DoctorOutput::kText:
      std::cout << print_checks_as_text(results, Painter(use_colors(options.color)));
      break;
    case DoctorOutput::kJson:
      std::cout << print_checks_as_json(results);
      break;
    case DoctorOutput::kJunit:
      std::cout << print_checks_as_junit(results);
      break;
  }
  return count(results).failed > 0 ? kExitRefused : kExitOk;
}

}  // namespace

void add_doctor_command(const Command& program, bool as_plugin) {
  auto options = std::make_shared<DoctorOptions>();
  const Command doctor =
      program.add_command("doctor", "Say whether a cluster is ready for CVMs, and what to do");
  doctor.footer(kDoctorExamples);
  const Command source = add_source_group(doctor, as_plugin);
  source
      .option("--dump", options->dumps,
              "Objects, as `kubectl get ... -o yaml` prints them; -: the standard input; may "
              "be repeated")
      .takes("FILE");
  add_cluster_options(doctor, source, as_plugin, options->cluster);
  doctor
      .option("--settings", options->settings_file,
              "Settings (default: those of the cluster's webhook)")
      .takes("FILE");
  doctor
      .option("--serving-cert", options->certificate_file,
              "The certificate that the webhook serves with, as PEM: tls.crt")
      .takes("FILE");
  doctor
      .choice("-o,--output", options->output, "text, json or junit; default: text", kDoctorOutputs)
      .takes("FORM");
  add_color_option(doctor, options->color);
  doctor.runs([options] {
    check_doctor_input(*options);
    return run_doctor(*options);
  });
}

}  // namespace cvm::webhook
