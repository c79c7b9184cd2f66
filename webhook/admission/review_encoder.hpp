// Verdict -> AdmissionReview bytes, appended to a buffer that the caller keeps.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/finding.hpp"

namespace cvm::webhook {

// 200: allowed or refused (status 403 with every finding), patch in base64, warnings of at most 256
// bytes each, audit annotations that name the rules.
void encode_verdict(std::string_view api_version, std::string_view uid, const Verdict& verdict,
                    std::string& out);

// A refusal that no rule gave: status `code` (400 for what could not be read, 500 for a fault).
void encode_error(std::string_view api_version, std::string_view uid, unsigned code,
                  std::string_view message, std::string& out);

}  // namespace cvm::webhook
