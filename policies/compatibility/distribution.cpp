#include "policies/compatibility/distribution.hpp"

#include <algorithm>

#include "policies/model/text.hpp"

namespace cvm {

namespace {

constexpr std::string_view kNfdId = "feature.node.kubernetes.io/system-os_release.ID";
constexpr std::string_view kNfdVersion = "feature.node.kubernetes.io/system-os_release.VERSION_ID";

struct KnownDistribution {
  std::string_view image;  // how status.nodeInfo.osImage, PRETTY_NAME of os-release, begins
  std::string_view id;     // ID of os-release
  std::string_view name;
  std::size_t version_parts;  // of the version in osImage that VERSION_ID has
};

// Longer beginnings stand before shorter ones.
constexpr KnownDistribution kKnown[] = {
    {"Ubuntu Core", "ubuntu-core", "Ubuntu Core", 1},
    {"Ubuntu", "ubuntu", "Ubuntu", 2},
    {"Debian GNU/Linux", "debian", "Debian", 1},
    {"Flatcar Container Linux", "flatcar", "Flatcar Container Linux", 3},
    {"Fedora", "fedora", "Fedora", 1},
    {"Rocky Linux", "rocky", "Rocky Linux", 2},
    {"AlmaLinux", "almalinux", "AlmaLinux", 2},
    {"CentOS Stream", "centos", "CentOS Stream", 1},
    {"CentOS", "centos", "CentOS", 1},
    {"Red Hat Enterprise Linux CoreOS", "rhcos", "Red Hat Enterprise Linux CoreOS", 2},
    {"Red Hat Enterprise Linux", "rhel", "Red Hat Enterprise Linux", 2},
    {"Amazon Linux", "amzn", "Amazon Linux", 1},
    {"Container-Optimized OS", "cos", "Container-Optimized OS", 1},
    {"Bottlerocket", "bottlerocket", "Bottlerocket", 3},
    {"Talos", "talos", "Talos", 3},
};

const KnownDistribution* known_by_image(std::string_view image) {
  const auto found = std::find_if(
      std::begin(kKnown), std::end(kKnown),
      [image](const KnownDistribution& known) { return image.starts_with(known.image); });
  return found == std::end(kKnown) ? nullptr : found;
}

// The longest beginning that the settings give.
const DistributionRow* row_by_image(std::string_view image, const Compatibility& compatibility) {
  const DistributionRow* best = nullptr;
  for (const DistributionRow& row : compatibility.distributions) {
    if (row.os_image.empty() || !image.starts_with(row.os_image)) continue;
    if (best == nullptr || row.os_image.size() > best->os_image.size()) best = &row;
  }
  return best;
}

// Rows of versions are found by their first parts, so it does no harm to have them all.
constexpr std::size_t kPartsOfAnyVersion = 3;

// The first number with dots in it, cut after so many parts: "22.04" of " 22.04.3 LTS".
std::string version_in(std::string_view text, std::size_t parts) {
  const std::size_t begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  text = text.substr(0, text.find_first_not_of("0123456789."));
  std::size_t end = 0;
  for (std::size_t part = 0; part < parts && end < text.size(); ++part) {
    end = std::min(text.find('.', part == 0 ? 0 : end + 1), text.size());
  }
  text = text.substr(0, end);
  while (text.ends_with('.')) text.remove_suffix(1);
  return std::string(text);
}

std::string with_version(std::string_view name, std::string_view version) {
  std::string text(name);
  if (!version.empty()) text.append(" ").append(version);
  return text;
}

std::string_view label_of(const NodeFacts& node, std::string_view key) {
  const auto label = node.labels.find(key);
  return label == node.labels.end() ? std::string_view() : std::string_view(label->second);
}

Distribution from_nfd(std::string_view id, const NodeFacts& node) {
  const KnownDistribution* image = known_by_image(node.os_image);
  // Recent OpenShift nodes call themselves "rhel" in os-release.
  if (image != nullptr && image->id == "rhcos" && id == "rhel") id = "rhcos";
  std::string_view name = id;
  if (image != nullptr && image->id == id) {
    name = image->name;
  } else {
    const auto known =
        std::find_if(std::begin(kKnown), std::end(kKnown),
                     [id](const KnownDistribution& candidate) { return candidate.id == id; });
    if (known != std::end(kKnown)) name = known->name;
  }
  const std::string_view version = label_of(node, kNfdVersion);
  return {std::string(id), std::string(version), with_version(name, version)};
}

}  // namespace

Distribution detect_distribution(const NodeFacts& node, const Compatibility& compatibility) {
  if (const std::string_view id = label_of(node, kNfdId); !id.empty()) return from_nfd(id, node);
  const std::string_view image = node.os_image;
  const KnownDistribution* known = known_by_image(image);
  const DistributionRow* row = row_by_image(image, compatibility);
  // The longer beginning says more: "Ubuntu" is not meant for Ubuntu Core.
  if (row != nullptr && (known == nullptr || row->os_image.size() >= known->image.size())) {
    const std::string version = version_in(image.substr(row->os_image.size()), kPartsOfAnyVersion);
    return {row->id, version, with_version(row->os_image, version)};
  }
  if (known == nullptr) return {{}, {}, readable(image)};
  const std::string version = version_in(image.substr(known->image.size()), known->version_parts);
  return {std::string(known->id), version, with_version(known->name, version)};
}

bool runs_windows(const NodeFacts& node) {
  return node.operating_system == "windows" || label_of(node, "kubernetes.io/os") == "windows" ||
         node.os_image.starts_with("Windows");
}

}  // namespace cvm
