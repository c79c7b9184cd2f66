#include "webhook/admission/review_encoder.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "policies/model/json_text.hpp"
#include "policies/model/text.hpp"
#include "webhook/formats/base64.hpp"

namespace cvm::webhook {
namespace {

// The API server cuts warnings at this length (k8s.io/apiserver, warning header).
constexpr std::size_t kWarningBytes = 256;
constexpr std::string_view kPrefix = "cvm/";
constexpr std::string_view kColon = ": ";

void begin(std::string_view api_version, std::string_view uid, bool allowed, std::string& out) {
  out += R"({"kind":"AdmissionReview","apiVersion":)";
  append_json_string(out, api_version);
  out += R"(,"response":{"uid":)";
  append_json_string(out, uid);
  out += allowed ? R"(,"allowed":true)" : R"(,"allowed":false)";
}

void end(std::string& out) { out += "}}"; }

void append_status(unsigned code, std::string_view reason, std::string& out) {
  out += R"(,"status":{"status":"Failure","code":)";
  char digits[8];
  const auto done = std::to_chars(digits, digits + sizeof digits, code);
  out.append(digits, done.ptr);
  out += R"(,"reason":)";
  append_json_string(out, reason);
}

// "cvm/<rule>: ", inside quotes.
void append_head(const Finding& finding, std::string& out) {
  out += kPrefix;
  append_json_escaped(out, finding.rule);
  out += kColon;
}

void append_line(const Finding& finding, std::string& out) {
  append_head(finding, out);
  append_json_escaped(out, finding.message);
}

bool denies(const Finding& finding) { return finding.action == RuleAction::kDeny; }

// Calls write(finding) for each that `wanted` accepts, with a comma or another separator between.
template <typename Wanted, typename Write>
void join(const Verdict& verdict, std::string_view separator, std::string& out, Wanted wanted,
          Write write) {
  bool first = true;
  for (const Finding& finding : verdict.findings) {
    if (!wanted(finding)) continue;
    if (!first) out += separator;
    first = false;
    write(finding);
  }
}

void append_refusal(const Verdict& verdict, std::string& out) {
  append_status(403, "Forbidden", out);
  out += R"(,"message":")";
  if (std::none_of(verdict.findings.begin(), verdict.findings.end(), denies)) out += "refused";
  join(verdict, "\\n", out, denies, [&](const Finding& finding) { append_line(finding, out); });
  out += R"(","details":{"causes":[)";
  join(verdict, ",", out, denies, [&](const Finding& finding) {
    out += R"({"reason":"FieldValueForbidden","message":")";
    append_line(finding, out);
    out += R"(","field":)";
    append_json_string(out, finding.field);
    out += '}';
  });
  out += "]}}";
}

void append_patch(std::string_view patch, std::string& out) {
  if (patch.empty()) return;
  out += R"(,"patchType":"JSONPatch","patch":")";
  append_base64(patch, out);
  out += '"';
}

// A warning becomes a header of the API server's answer, which holds no control characters.
void append_warning(const Finding& finding, std::string& out) {
  const auto is_control = [](char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
  };
  const std::size_t head = kPrefix.size() + finding.rule.size() + kColon.size();
  std::string_view rest = cut_utf8(finding.message, kWarningBytes - std::min(head, kWarningBytes));
  out += '"';
  append_head(finding, out);
  while (!rest.empty()) {
    const auto control = std::find_if(rest.begin(), rest.end(), is_control);
    const auto length = static_cast<std::size_t>(control - rest.begin());
    append_json_escaped(out, rest.substr(0, length));
    rest.remove_prefix(length);
    if (rest.empty()) break;
    out += ' ';
    rest.remove_prefix(1);
  }
  out += '"';
}

void append_warnings(const Verdict& verdict, std::string& out) {
  const auto warns = [](const Finding& finding) { return finding.action == RuleAction::kWarn; };
  if (std::none_of(verdict.findings.begin(), verdict.findings.end(), warns)) return;
  out += R"(,"warnings":[)";
  join(verdict, ",", out, warns, [&](const Finding& finding) { append_warning(finding, out); });
  out += ']';
}

// `decision`, `profile`, `rules` and `break-glass`; the API server puts the webhook's name before
// the keys.
void append_audit_annotations(const Verdict& verdict, std::string& out) {
  const std::string_view decision =
      !verdict.allowed ? "refused" : (verdict.is_cvm ? "admitted" : "untouched");
  out += R"(,"auditAnnotations":{"decision":)";
  append_json_string(out, decision);
  if (!verdict.profile.empty()) {
    out += R"(,"profile":)";
    append_json_string(out, verdict.profile);
  }
  if (!verdict.findings.empty()) {
    out += R"(,"rules":")";
    const Finding* previous = nullptr;
    const auto is_news = [&](const Finding& finding) {
      const bool news = previous == nullptr || previous->rule != finding.rule ||
                        previous->action != finding.action;
      previous = &finding;
      return news;
    };
    join(verdict, ",", out, is_news, [&](const Finding& finding) {
      append_json_escaped(out, finding.rule);
      out += '=';
      out += to_string(finding.action);
    });
    out += '"';
  }
  if (verdict.break_glass) out += R"(,"break-glass":"let through by isolation.breakGlass")";
  out += '}';
}

}  // namespace

void encode_verdict(std::string_view api_version, std::string_view uid, const Verdict& verdict,
                    std::string& out) {
  begin(api_version, uid, verdict.allowed, out);
  if (verdict.allowed) {
    append_patch(verdict.patch, out);
  } else {
    append_refusal(verdict, out);
  }
  append_warnings(verdict, out);
  append_audit_annotations(verdict, out);
  end(out);
}

void encode_error(std::string_view api_version, std::string_view uid, unsigned code,
                  std::string_view message, std::string& out) {
  begin(api_version, uid, false, out);
  append_status(code, code == 500 ? "InternalError" : "BadRequest", out);
  out += R"(,"message":)";
  append_json_string(out, message);
  out += "}";
  end(out);
}

}  // namespace cvm::webhook
