#include "webhook/config/settings_user_namespaces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "webhook/config/settings_version.hpp"

namespace cvm::webhook {
namespace {

using Value = const DocumentValue&;

bool has(Value row, std::string_view key) {
  const auto found = row.json().find(key);
  return found != row.json().end() && !found->is_null();
}

void expect_order(Value row, const std::optional<VersionNumber>& from,
                  const std::optional<VersionNumber>& below, std::string_view name) {
  // A bound that could not be read is 0.0 and has its mistake already.
  if (!from || !below || *below == VersionNumber{} || *from < *below) return;
  row.add_mistake(
      fmt::format("expected {} to be greater than where it begins: no node would be meant", name));
}

void read_row(Value value, UserNamespaceRow& row) {
  value.read_fields({
      {"runtime", [&](Value v) { v.read_word(row.runtime, {"containerd", "cri-o"}); }},
      {"from", [&](Value v) { read_version(v, row.from.emplace()); }},
      {"below", [&](Value v) { read_version(v, row.below.emplace()); }},
      {"kubernetesFrom", [&](Value v) { read_version(v, row.kubernetes_from.emplace()); }},
      {"kubernetesBelow", [&](Value v) { read_version(v, row.kubernetes_below.emplace()); }},
      {"need",
       [&](Value v) {
         v.read_choice(row.need, {{"hostUsers", UserNamespaceNeed::kHostUsers},
                                  {"annotation", UserNamespaceNeed::kAnnotation},
                                  {"unsupported", UserNamespaceNeed::kUnsupported}});
       }},
      {"reason", [&](Value v) { v.read(row.reason); }},
  });
  for (const std::string_view key : {"runtime", "need"}) {
    value.require(key, fmt::format("expected the key {}, found none", key));
  }
  if (!value.json().is_object()) return;
  expect_order(value, row.from, row.below, "below");
  expect_order(value, row.kubernetes_from, row.kubernetes_below, "kubernetesBelow");
}

auto key_of(const UserNamespaceRow& row) {
  return std::tie(row.runtime, row.from, row.below, row.kubernetes_from, row.kubernetes_below);
}

}  // namespace

void read_user_namespaces(const DocumentValue& value, std::vector<UserNamespaceRow>& rows) {
  value.defaults_to(nlohmann::ordered_json::array());
  rows.clear();
  value.read_elements([&](Value element) {
    const bool has_runtime = element.json().is_object() && has(element, "runtime") &&
                             element.json().at("runtime").is_string();
    const DocumentValue named =
        element.named(has_runtime ? element.json().at("runtime").get<std::string>() : "");
    UserNamespaceRow row;
    read_row(named, row);
    if (row.runtime.empty()) return;
    const bool is_repeated = std::any_of(rows.begin(), rows.end(), [&](const auto& before) {
      return key_of(before) == key_of(row);
    });
    if (is_repeated) return named.add_mistake("is given twice");
    rows.push_back(std::move(row));
  });
}

}  // namespace cvm::webhook
