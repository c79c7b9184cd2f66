// Mode native: refuses SYSBOX_* variables that Sysbox does not know or cannot read: each ends the
// container at its start.
// The names are those of sysbox-runc 0.7.0, libsysbox/syscont/spec.go (getSysboxEnvVarConfigs).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/closest_name.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr std::string_view kPrefix = "SYSBOX_";
constexpr std::string_view kPaths = "SYSBOX_SKIP_UID_SHIFT";
constexpr std::array<std::string_view, 5> kNames = {
    "SYSBOX_IGNORE_SYSFS_CHOWN", "SYSBOX_ALLOW_TRUSTED_XATTR", "SYSBOX_HONOR_CAPS",
    "SYSBOX_SYSCONT_MODE", kPaths};

bool is_known(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// ", or write SYSBOX_HONOR_CAPS" or nothing.
std::string nearest(std::string_view name) {
  const std::string_view known = closest_name(name, kNames);
  return known.empty() ? "" : fmt::format(", or write {}", known);
}

bool are_paths(std::string_view value) {
  if (value.find_first_of(" \t\n\v\f\r=") != std::string_view::npos) return false;
  for (std::size_t begin = 0;;) {
    if (begin >= value.size() || value[begin] != '/') return false;
    const std::size_t comma = value.find(',', begin);
    if (comma == std::string_view::npos) return true;
    begin = comma + 1;
  }
}

// What is expected of the value, where it is something else; empty: it is right.
std::string_view expected_of(const EnvVar& variable) {
  const bool is_unknown =
      variable.has_value_from || variable.value.find("$(") != std::string_view::npos;
  if (is_unknown) return {};
  if (variable.name == kPaths) {
    return are_paths(variable.value) ? std::string_view()
                                     : "absolute paths with commas between, no spaces and no \"=\"";
  }
  const bool is_switch = variable.value == "TRUE" || variable.value == "FALSE";
  return is_switch ? std::string_view() : "TRUE or FALSE";
}

void check_variable(const Container& container, const EnvVar& variable, const std::string& field,
                    Problems& problems) {
  const std::string what =
      fmt::format("container {} sets {}", quoted(container.name), readable(variable.name));
  if (!is_known(variable.name)) {
    problems.push_back(
        {fmt::format("{}, which Sysbox does not know and ends the container for; remove it{}", what,
                     nearest(variable.name)),
         field + ".name"});
    return;
  }
  const std::string_view expected = expected_of(variable);
  if (expected.empty()) return;
  problems.push_back(
      {fmt::format("{} to {}, which Sysbox cannot read and ends the container for; set it to {}",
                   what, quoted(variable.value), expected),
       field + ".value"});
}

void check_sysbox_variable(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kNative) return;
  context.pod.for_each_container([&](const Container& container) {
    for (std::size_t index = 0; index < container.env.size() && !problems.is_full(); ++index) {
      const EnvVar& variable = container.env[index];
      if (!variable.name.starts_with(kPrefix)) continue;
      check_variable(container, variable, fmt::format("{}.env[{}]", field_path(container), index),
                     problems);
    }
  });
}

}  // namespace

constinit const PodRule rules::sysbox_variable{
    .descriptor =
        {.id = "sysbox-variable",
         .summary = "Mode native: a SYSBOX_* variable that Sysbox does not know or "
                    "cannot read",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "Mode native: spec.{initContainers,containers,ephemeralContainers}[*].env[*] "
                  "named SYSBOX_* that Sysbox does not know, or with a value that it cannot read: "
                  "TRUE or FALSE for switches, absolute paths for SYSBOX_SKIP_UID_SHIFT. Values "
                  "from elsewhere (valueFrom) are not judged.",
              .why = "Sysbox ends the container at its start.",
              .fix = "Remove the variable, or set it to what Sysbox reads.",
              .fields = {"spec.containers[*].env[*].name", "spec.initContainers[*].env[*].name",
                         "spec.ephemeralContainers[*].env[*].name",
                         "spec.containers[*].env[*].value", "spec.initContainers[*].env[*].value",
                         "spec.ephemeralContainers[*].env[*].value",
                         "spec.containers[*].env[*].valueFrom",
                         "spec.initContainers[*].env[*].valueFrom",
                         "spec.ephemeralContainers[*].env[*].valueFrom"},
              .settings = {"mode"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/"
                          "configuration.md"}}},
    .check = check_sysbox_variable,
};

}  // namespace cvm
