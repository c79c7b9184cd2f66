// Where a node runs: in whose cloud, on a virtualisation platform, or on bare metal.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policies/model/compatibility.hpp"
#include "policies/model/node_facts.hpp"

namespace cvm {

enum class HostingSource { kNone, kProviderId, kLabel, kKernel };

struct HostingPlatform {
  const Provider* provider = nullptr;  // of the table or the settings; null: hosting is kUnknown
  HostingSource source = HostingSource::kNone;
  std::string evidence;  // for people: "spec.providerID is aws://...", without the node's own part

  Hosting hosting() const { return provider == nullptr ? Hosting::kUnknown : provider->hosting; }
  bool is(std::string_view name) const { return provider != nullptr && provider->name == name; }
};

// The built-in table, for checks of settings among others.
std::span<const Provider> providers();

// spec.providerID decides where it names a cloud or a virtualisation platform; then the labels that
// managed Kubernetes services put on nodes; then the flavour of the kernel ("-aws"); then a
// providerID that names bare metal.
// `compatibility` adds and replaces providers; it must outlive the answer, which may point into it.
HostingPlatform detect_hosting(const NodeFacts& node, const Compatibility& compatibility = {});

}  // namespace cvm
