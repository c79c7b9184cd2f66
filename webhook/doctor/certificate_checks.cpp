// caBundle of the webhook configurations, and the certificate that the webhook serves with.
//
// Reads the webhook configurations, and a certificate that was seen on a connection or is in a
// file.

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <set>

#include "certs/verify.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"
#include "webhook/formats/base64.hpp"

namespace cvm::webhook {
namespace {

using certs::CertificateFacts;

constexpr std::chrono::days kSoon{30};

// The webhooks with one caBundle.
struct Bundle {
  std::vector<std::string> webhooks;
  std::set<std::string> hosts;
  bool by_service = false;
};

std::map<std::string, Bundle> bundles_of(const ClusterFacts& facts) {
  std::map<std::string, Bundle> bundles;
  for (const WebhookConfiguration& configuration : facts.configurations) {
    for (const AdmissionWebhook& webhook : configuration.webhooks) {
      Bundle& bundle = bundles[webhook.ca_bundle];
      bundle.webhooks.push_back(webhook.name);
      bundle.hosts.insert(webhook.host());
      bundle.by_service = bundle.by_service || webhook.url.empty();
    }
  }
  return bundles;
}

bool skip_without_any_configuration(const CheckInput& input, Findings& out) {
  if (!input.facts.configurations.empty()) return false;
  if (skip_unknown(input, ObjectKind::kMutatingWebhookConfiguration, out)) return true;
  if (skip_unknown(input, ObjectKind::kValidatingWebhookConfiguration, out)) return true;
  out.skip("there is no webhook configuration of cvm-webhook", "kubectl apply -k manifests/base");
  return true;
}

std::string secret_command(const CheckInput& input) {
  return fmt::format(
      "kubectl -n {} get secret cvm-webhook-tls -o 'jsonpath={{.data.tls\\.crt}}' | base64 -d",
      input.facts.webhook_namespace());
}

// How a caBundle is mended: with the CA of `certs issue`, in every webhook of both configurations.
std::string bundle_command(const CheckInput& input) {
  std::string text = "CA=$(base64 -w0 tls/ca.crt)";
  for (const WebhookConfiguration& configuration : input.facts.configurations) {
    std::string patch;
    for (std::size_t each = 0; each < configuration.webhooks.size(); ++each) {
      patch += fmt::format(
          "{}{{\\\"op\\\": \\\"add\\\", \\\"path\\\": \\\"/webhooks/{}/clientConfig/caBundle\\\", "
          "\\\"value\\\": \\\"$CA\\\"}}",
          patch.empty() ? "" : ", ", each);
    }
    text +=
        fmt::format("; kubectl patch {}webhookconfiguration {} --type=json -p \"[{}]\"",
                    configuration.mutating ? "mutating" : "validating", configuration.name, patch);
  }
  return text;
}

// Says when a certificate ends, where that is soon or past; false: it is not.
bool tell_end(const std::string& what, const CertificateFacts& facts, const std::string& fix,
              certs::TimePoint now, Findings& out) {
  const std::string when = certs::format_time(facts.not_after);
  if (now < facts.not_before) {
    out.fail(fmt::format("{} is valid only from {}", what, certs::format_time(facts.not_before)),
             fix);
  } else if (now > facts.not_after) {
    out.fail(fmt::format("{} expired at {}", what, when), fix);
  } else if (facts.not_after - now < kSoon) {
    out.warn(fmt::format("{} expires at {}", what, when), fix);
  } else {
    return false;
  }
  return true;
}

void judge_bundle(const CheckInput& input, const std::string& text, const Bundle& bundle,
                  bool is_only_one, Findings& out) {
  const std::string who =
      is_only_one ? "caBundle" : fmt::format("caBundle of {}", some_of(bundle.webhooks));
  if (text.empty()) {
    if (bundle.by_service) {
      out.fail(fmt::format(
                   "{} is empty, so that the API server trusts no certificate of the webhook", who),
               bundle_command(input));
    } else {
      out.pass(fmt::format("{} is empty: the API server trusts the CAs of its system", who));
    }
    return;
  }
  const auto pem = decode_base64(text);
  const auto all = certs::inspect(pem.value_or(std::string()));
  if (!pem || !all) {
    out.fail(fmt::format("{} is no PEM certificate", who), bundle_command(input));
    return;
  }
  // One valid CA is enough: others may be the old one, beside the new.
  const CertificateFacts* last = &all->front();
  for (const CertificateFacts& facts : *all) {
    if (facts.not_after > last->not_after) last = &facts;
  }
  if (tell_end(fmt::format("the CA in {}", who), *last, bundle_command(input), input.now, out))
    return;
  out.pass(fmt::format("the CA in {} is valid until {}", who, certs::format_time(last->not_after)));
}

std::string issue_command(const CheckInput& input) {
  return fmt::format(
      "cvm-webhook certs issue --dir tls --ca-cert tls/ca.crt --ca-key tls/ca.key --force "
      "--service cvm-webhook --namespace {}",
      input.facts.webhook_namespace());
}

}  // namespace

void check_ca_bundle(const CheckInput& input, Findings& out) {
  if (skip_without_any_configuration(input, out)) return;
  const auto bundles = bundles_of(input.facts);
  for (const auto& [text, bundle] : bundles) {
    judge_bundle(input, text, bundle, bundles.size() == 1, out);
  }
}

void check_serving_certificate(const CheckInput& input, Findings& out) {
  if (skip_without_any_configuration(input, out)) return;
  const ServingCertificate& seen = input.facts.serving_certificate;
  if (seen.pem.empty()) {
    const std::string why =
        seen.from.empty()
            ? "the certificate that the webhook serves with was not seen: its Service "
              "is reached in the cluster alone; give --serving-cert FILE"
            : "";
    if (seen.from.empty()) {
      out.skip(why, fmt::format("{} > tls.crt", secret_command(input)));
    } else {
      out.fail(fmt::format("{} does not answer: {}", seen.from, seen.failure),
               fmt::format("kubectl -n {} get pods -o wide", input.facts.webhook_namespace()));
    }
    return;
  }
  const auto chain = certs::inspect(seen.pem);
  if (!chain) {
    out.fail(fmt::format("{}: {}", seen.from, chain.error().message), issue_command(input));
    return;
  }
  tell_end("the serving certificate", chain->front(), issue_command(input), input.now, out);
  if (out.status() == CheckStatus::kFail) return;
  for (const auto& [text, bundle] : bundles_of(input.facts)) {
    const auto ca = decode_base64(text);
    if (!ca || ca->empty()) continue;  // the system's CAs, or said by the other check
    for (const std::string& host : bundle.hosts) {
      const auto verified = certs::verify_chain(seen.pem, *ca, host, input.now);
      if (verified) continue;
      out.fail(
          fmt::format(
              "the API server refuses the serving certificate for {} by the caBundle of {}: {}",
              host, some_of(bundle.webhooks), verified.error().message),
          bundle_command(input));
    }
  }
  out.pass_if_silent(
      fmt::format("the serving certificate of {} fits caBundle and is valid until {}", seen.from,
                  certs::format_time(chain->front().not_after)));
}

}  // namespace cvm::webhook
