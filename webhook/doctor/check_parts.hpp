// What several checks need.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/doctor/check.hpp"

namespace cvm::webhook {

// Adds a skip and returns true where the objects of the kind are not known.
bool skip_unknown(const CheckInput& input, ObjectKind kind, Findings& out);

// The settings, or those of a profile of theirs.
struct NamedSettings {
  std::string_view profile;  // empty: the settings themselves
  const Settings* settings;

  // "profile gpu: " or nothing.
  std::string prefix() const;
};
std::vector<NamedSettings> all_settings(const CheckInput& input);

// The settings by which a pod with this label for a profile is judged in a namespace with that one;
// empty: no label. Labels that choose nothing count as absent.
const Settings& settings_for(const ProfiledSettings& settings, std::string_view ns_profile,
                             std::string_view pod_profile = {});

struct HostingNodes {
  std::set<std::string, std::less<>> names;  // of the nodes that can host a CVM
  std::vector<std::string> reasons;          // why others cannot, the most frequent first
};
HostingNodes find_hosting_nodes(const ClusterFacts& facts, const Settings& settings);

// "a, b, c and 4 more": five names at most.
std::string some_of(const std::vector<std::string>& names);
// All of them with blanks between, for a command line.
std::string words_of_all(const std::vector<std::string>& names);
// "1 node", "3 nodes".
std::string count_of(std::size_t count, std::string_view one, std::string_view many);
// The plural is the singular and an "s".
std::string count_of(std::size_t count, std::string_view one);

}  // namespace cvm::webhook
