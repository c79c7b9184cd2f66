// Which Linux distribution a node runs, and what Sysbox needs of it: the compatibility matrix.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policies/model/compatibility.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/version_number.hpp"

namespace cvm {

// As a node says it. Empty members: it does not say.
struct Distribution {
  std::string id;       // ID of /etc/os-release: "ubuntu", "almalinux"; empty where not known
  std::string version;  // VERSION_ID: "22.04"
  std::string name;     // for people: "Ubuntu 22.04"; the osImage's text where it is not known
};

// Reads the labels of Node Feature Discovery, and status.nodeInfo.osImage where they are absent.
// `compatibility` adds to the beginnings of osImage that are known.
Distribution detect_distribution(const NodeFacts& node, const Compatibility& compatibility = {});

bool runs_windows(const NodeFacts& node);

struct DistributionSupport {
  std::string_view id;              // ID of /etc/os-release
  std::string_view version;         // VERSION_ID or its first parts ("8" is 8 and 8.9); empty: any
  VersionNumber minimum_kernel;     // the smallest that any source calls supported
  VersionNumber undisputed_kernel;  // the smallest that every source calls supported
  ShiftfsModule shiftfs = ShiftfsModule::kUnknown;
  SelinuxDefault selinux = SelinuxDefault::kUnknown;
};

// The built-in rows; those of a distribution stand together, from the particular to the general.
std::span<const DistributionSupport> distribution_matrix();

// The most particular row that holds for the distribution, one of `compatibility` before an equal
// one of the matrix, else a row that says what holds for others. `compatibility` must outlive it.
DistributionSupport find_support(const Distribution& distribution,
                                 const Compatibility& compatibility = {});

// shiftfs by kernel: required below the first, recommended below the second, not needed from there
// (without caching; cached CVMs need it whatever the kernel).
inline constexpr VersionNumber kShiftfsRequiredBelow{5, 12};
inline constexpr VersionNumber kShiftfsRecommendedBelow{5, 19};
// Kernels that the module builds for, from the first to below the second (6.2 and its patches in).
inline constexpr VersionNumber kShiftfsBuildsFrom{5, 4};
inline constexpr VersionNumber kShiftfsBuildsBelow{6, 3};

}  // namespace cvm
