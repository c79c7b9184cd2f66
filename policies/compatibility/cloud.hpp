// Where a node runs: in whose cloud, on a virtualisation platform, or on bare metal.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policies/model/node_facts.hpp"

namespace cvm {

enum class Hosting {
  kUnknown,    // nothing on the node says; taken for one's own hardware
  kCloud,      // of a provider
  kVirtual,    // a virtual machine on a platform of one's own
  kBareMetal,  // or a cluster in containers, which sees its host's hardware
};

enum class HostingSource { kNone, kProviderId, kLabel, kKernel };

struct Provider {
  std::string_view name;         // as settings.gpu.allow_clouds has it: "aws", "gce"
  std::string_view title;        // for people: "Google Cloud"
  std::string_view provider_id;  // how spec.providerID begins
  Hosting hosting = Hosting::kCloud;
};

struct HostingPlatform {
  const Provider* provider = nullptr;  // static storage; null where hosting is kUnknown
  HostingSource source = HostingSource::kNone;
  std::string evidence;  // for people: "spec.providerID is aws://...", without the node's own part

  Hosting hosting() const { return provider == nullptr ? Hosting::kUnknown : provider->hosting; }
  bool is(std::string_view name) const { return provider != nullptr && provider->name == name; }
};

// All providers that can be told, for checks of settings among others.
std::span<const Provider> providers();

// spec.providerID decides where it names a cloud or a virtualisation platform; then the labels that
// managed Kubernetes services put on nodes; then the flavour of the kernel ("-aws"); then a
// providerID that names bare metal.
HostingPlatform detect_hosting(const NodeFacts& node);

}  // namespace cvm
