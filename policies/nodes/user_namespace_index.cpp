#include "policies/nodes/user_namespace_index.hpp"

#include "policies/compatibility/user_namespaces.hpp"

namespace cvm {

UserNamespaceIndex::UserNamespaceIndex(const NodeClasses& classes, const Settings& settings) {
  for (Bitset& bits : classes_) fill_none(bits, classes.size());
  if (settings.mode != Mode::kNative) return;
  for (std::size_t each = 0; each < classes.size(); ++each) {
    const auto need = find_user_namespaces(*classes[each], settings.compatibility).need;
    if (!need || *need == UserNamespaceNeed::kUnsupported) continue;
    Bitset& bits = classes_[*need == UserNamespaceNeed::kHostUsers ? 0 : 1];
    bits[each / 64] |= std::uint64_t{1} << (each % 64);
  }
}

}  // namespace cvm
