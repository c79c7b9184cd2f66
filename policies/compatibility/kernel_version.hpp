// KernelVersion: status.nodeInfo.kernelVersion, which is what `uname -r` says on the node.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/result.hpp"
#include "policies/model/version_number.hpp"

namespace cvm {

struct KernelVersion {
  VersionNumber number;
  std::string suffix;  // what follows the number: "-1051-aws", "-118.189.amzn2023.x86_64"

  // True when `word` is a part of the suffix, parts being what "-", ".", "_" and "+" set apart:
  // "aws" is a flavour of 5.15.0-1051-aws, "azure" one of 5.4.0-1103-azure-fips.
  bool has_flavour(std::string_view word) const;
};

// Two or three numbers (a missing third is 0), then nothing or a suffix of printable characters
// that does not go on with a dot and no number. An error says what was found and what was expected;
// nothing is ever guessed.
Result<KernelVersion> parse_kernel_version(std::string_view text);

}  // namespace cvm
