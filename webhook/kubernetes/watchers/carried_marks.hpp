// CarriedMarks: what each node carries of our marks, as the API server last told.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "policies/nodes/node_marks.hpp"

namespace cvm::webhook {

// The marks on a Node object.
NodeMarks read_marks(simdjson::dom::element node);

class CarriedMarks {
 public:
  // Digests of NodeMarks: eight bytes a node instead of its reasons.
  using Digests = std::unordered_map<std::string, std::uint64_t>;

  void replace(Digests all);
  void put(const std::string& node, std::uint64_t digest);
  void erase(const std::string& node);

  // Nothing when there is no such node.
  std::optional<std::uint64_t> of(const std::string& node) const;
  // Changes when the marks of any node do, or when nodes come or go.
  std::uint64_t version() const { return version_; }

 private:
  Digests digests_;
  std::uint64_t version_ = 0;
};

}  // namespace cvm::webhook
