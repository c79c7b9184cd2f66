// Any kernel version: what is read of it is what it says, and whatever a node says, its verdict is
// in words that can be shown. The first line is the kernel's version, the second the system's
// image.
#include <algorithm>
#include <string>
#include <string_view>

#include "policies/compatibility/kernel_version.hpp"
#include "policies/rules/registry.hpp"
#include "tests/fuzz/check.hpp"

namespace cvm {
namespace {

bool is_showable(std::string_view message) {
  return !message.empty() && message.size() < 2000 &&
         std::all_of(
             message.begin(), message.end(), [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

void check_version(const std::string& text) {
  const Result<KernelVersion> version = parse_kernel_version(text);
  if (!version) {
    CVM_CHECK(is_showable(version.error().message), version.error().message);
    return;
  }
  const VersionNumber& number = version->number;
  // Nothing is dropped and nothing is made up: number and suffix are the text.
  CVM_CHECK(text.ends_with(version->suffix), text);
  CVM_CHECK(text.starts_with(std::to_string(number.major)) || text.starts_with('0'), text);
  const std::string whole = std::to_string(number.major) + "." + std::to_string(number.minor) +
                            "." + std::to_string(number.patch) + version->suffix;
  const Result<KernelVersion> again = parse_kernel_version(whole);
  CVM_CHECK(again && again->number == number && again->suffix == version->suffix, whole);
  CVM_CHECK(!version->has_flavour("no-such-flavour"), text);
}

void check_node(const std::string& kernel, const std::string& image) {
  static const Settings kSettings;
  NodeFacts node;
  node.name = "n";
  node.kernel_version = kernel;
  node.os_image = image;
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.kubelet_version = kernel;
  node.provider_id = image;
  for (const NodeRule* rule : node_rules()) {
    const auto problem = rule->check(node, kSettings);
    if (problem) CVM_CHECK(is_showable(problem->message), problem->message);
  }
}

}  // namespace
}  // namespace cvm

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string kernel(text.substr(0, line));
  const std::string image(text.substr(std::min(line + 1, text.size())));
  cvm::check_version(kernel);
  cvm::check_node(kernel, image);
  return 0;
}
