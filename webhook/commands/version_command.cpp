// version: which cvm-webhook this is, and what it was built with.
#include <openssl/crypto.h>

#include <boost/version.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/terminal/exit_codes.hpp"
#include "webhook/terminal/text_table.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kVersionExamples = R"(
Nothing of the machine is in it, so that it can go into a report as it is.

Examples:
  cvm-webhook version
  cvm-webhook version -o json | jq -r .version)";

// "1.81" of BOOST_LIB_VERSION's "1_81".
std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  for (char& c : version) c = c == '_' ? '.' : c;
  return version;
}

// OpenSSL's is that of the library that is there, the others' are those it was built with.
nlohmann::ordered_json describe_build() {
  return {{"version", CVM_VERSION},
          {"compiler", CVM_COMPILER},
          {"buildType", CVM_BUILD_TYPE},
          {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"boost", boost_version()}};
}

void print_version(bool as_json) {
  const nlohmann::ordered_json build = describe_build();
  if (as_json) {
    std::cout << build.dump(2) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : build.items()) rows.push_back({key, value.get<std::string>()});
  std::cout << print_table(rows);
}

}  // namespace

void add_version_command(const Command& program) {
  auto output = std::make_shared<std::string>("text");
  const Command version =
      program.add_command("version", "Say which version this is, and its build");
  version.footer(kVersionExamples);
  version.option("-o,--output", *output, "text or json; default: text")
      .one_of({"text", "json"})
      .takes("FORM");
  version.runs([output] {
    print_version(*output == "json");
    return kExitOk;
  });
}

}  // namespace cvm::webhook
