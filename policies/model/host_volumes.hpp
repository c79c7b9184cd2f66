// HostVolumes: the claims whose PersistentVolume is a directory of the node (hostPath or local), or
// on a file system whose mounts cannot be ID-mapped.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "policies/model/namespaced_names.hpp"

namespace cvm {

class HostVolumes {
 public:
  // One of the directories is a volume that no claim has yet.
  bool any_unclaimed = false;

  // The node's directory that the claim stands for, as its PersistentVolume writes it; null when it
  // is not known to be one.
  const std::string* find(std::string_view ns, std::string_view claim) const {
    const auto found = paths_.find(NamespacedNameView(ns, claim));
    return found == paths_.end() ? nullptr : &found->second;
  }
  void put(std::string_view ns, std::string_view claim, std::string path) {
    paths_.insert_or_assign({std::string(ns), std::string(claim)}, std::move(path));
  }
  // The name of the claim's file system where its mounts cannot be ID-mapped ("NFS", as
  // compatibility/id_mapping.hpp has it); empty when that is not known.
  std::string_view unmappable(std::string_view ns, std::string_view claim) const {
    const auto found = unmappable_.find(NamespacedNameView(ns, claim));
    return found == unmappable_.end() ? std::string_view() : std::string_view(found->second);
  }
  void put_unmappable(std::string_view ns, std::string_view claim, std::string file_system) {
    unmappable_.insert_or_assign({std::string(ns), std::string(claim)}, std::move(file_system));
  }

 private:
  using Claims = std::map<NamespacedName, std::string, NamespacedNameLess>;
  Claims paths_, unmappable_;
};

}  // namespace cvm
