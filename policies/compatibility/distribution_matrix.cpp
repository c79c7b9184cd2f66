// The compatibility matrix as data. Each row with the documentation that it was read in.
#include <algorithm>
#include <array>
#include <iterator>

#include "policies/compatibility/distribution.hpp"

namespace cvm {

namespace {

constexpr auto kPackaged = ShiftfsModule::kPackaged;
constexpr auto kNone = ShiftfsModule::kNone;
constexpr auto kUnknownModule = ShiftfsModule::kUnknown;
constexpr auto kOn = SelinuxDefault::kOn;
constexpr auto kOff = SelinuxDefault::kOff;
constexpr auto kUnknown = SelinuxDefault::kUnknown;

// Kernels and shiftfs: Sysbox 0.7.0, docs/distro-compat.md ("distro-compat" below). SELinux: each
// distribution's own default as it is installed.
constexpr DistributionSupport kMatrix[] = {
    // id, version, smallest kernel, undisputed kernel, shiftfs, SELinux
    // distro-compat. 18.04: install-k8s.md says 5.4; distro-compat and the installer say 5.3.
    {"ubuntu", "24.04", {6, 8}, {6, 8}, kNone, kOff},
    {"ubuntu", "22.04", {5, 15}, {5, 15}, kPackaged, kOff},
    {"ubuntu", "20.04", {5, 4}, {5, 4}, kPackaged, kOff},
    {"ubuntu", "18.04", {5, 3}, {5, 4}, kPackaged, kOff},
    {"ubuntu", "", {5, 12}, {5, 12}, kPackaged, kOff},
    // distro-compat; not yet in install-k8s.md, which is no matter where CVMs bring Sysbox along.
    {"debian", "10", {5, 5}, {5, 5}, kPackaged, kOff},
    {"debian", "11", {5, 5}, {5, 5}, kPackaged, kOff},
    {"debian", "", {5, 12}, {5, 12}, kPackaged, kOff},
    // distro-compat (enterprise edition).
    {"flatcar", "", {5, 10}, {5, 10}, kPackaged, kOff},
    // distro-compat: Fedora 34 to 37, Rocky 8, Alma 8 and 9, CentOS Stream, RHEL (enterprise
    // edition). Their other versions fall under "others", which asks for the same kernel.
    {"fedora", "", {5, 12}, {5, 12}, kNone, kOn},
    {"rocky", "", {5, 12}, {5, 12}, kNone, kOn},
    {"almalinux", "", {5, 12}, {5, 12}, kNone, kOn},
    {"centos", "", {5, 12}, {5, 12}, kNone, kOn},
    {"rhel", "", {5, 12}, {5, 12}, kNone, kOn},
    {"rhcos", "", {5, 12}, {5, 12}, kNone, kOn},
    // distro-compat. Coder's cluster-setup says of EKS that Amazon Linux 2 works, but for cached
    // CVMs; its kernels of that time were older than 5.12, for which distro-compat wants a shiftfs
    // that Amazon Linux does not have. `rules: {node-kernel: warn}` follows Coder.
    {"amzn", "2", {5, 12}, {5, 12}, kNone, kOff},
    {"amzn", "", {6, 1}, {6, 1}, kNone, kOn},
    // None of these can host a CVM for another reason (node-os); their defaults are known.
    {"bottlerocket", "", {5, 12}, {5, 12}, kNone, kOn},
    {"cos", "", {5, 12}, {5, 12}, kNone, kOff},
};

// distro-compat: other distributions are expected to work from 5.12. shiftfs exists on Ubuntu,
// Debian and Flatcar only, so whatever else says what it is has none.
constexpr DistributionSupport kNamedOther{"", "", {5, 12}, {5, 12}, kNone, kUnknown};
constexpr DistributionSupport kUnnamed{"", "", {5, 12}, {5, 12}, kUnknownModule, kUnknown};

// The installer of Sysbox goes by these alone.
constexpr VersionNumber installer_minimum(std::string_view id) {
  return id == "ubuntu" ? VersionNumber{5, 3} : VersionNumber{5, 5};
}

static_assert(std::all_of(std::begin(kMatrix), std::end(kMatrix),
                          [](const DistributionSupport& row) {
                            return row.minimum_kernel >= installer_minimum(row.id) &&
                                   row.undisputed_kernel >= row.minimum_kernel;
                          }),
              "no row may allow what the installer of Sysbox refuses");

// "8" stands for 8 and 8.9, not for 80.
bool covers(std::string_view row, std::string_view version) {
  if (!version.starts_with(row)) return false;
  return row.empty() || version.size() == row.size() || version[row.size()] == '.';
}

// Null where none of the rows holds.
template <typename Rows>
const auto* most_particular(const Rows& rows, const Distribution& distribution) {
  decltype(std::data(rows)) best = nullptr;
  for (const auto& row : rows) {
    if (row.id != distribution.id || !covers(row.version, distribution.version)) continue;
    if (best == nullptr || row.version.size() > best->version.size()) best = &row;
  }
  return best;
}

}  // namespace

std::span<const DistributionSupport> distribution_matrix() { return kMatrix; }

DistributionSupport find_support(const Distribution& distribution,
                                 const Compatibility& compatibility) {
  if (distribution.name.empty()) return kUnnamed;
  const auto* const built_in = most_particular(kMatrix, distribution);
  const auto* const given = most_particular(compatibility.distributions, distribution);
  DistributionSupport support = built_in != nullptr ? *built_in : kNamedOther;
  if (given == nullptr || given->version.size() < support.version.size()) return support;
  support.id = given->id;
  support.version = given->version;
  if (given->minimum_kernel) {
    support.minimum_kernel = support.undisputed_kernel = *given->minimum_kernel;
  }
  support.shiftfs = given->shiftfs.value_or(support.shiftfs);
  support.selinux = given->selinux.value_or(support.selinux);
  return support;
}

}  // namespace cvm
