// StoredPod: a Pod object as the API server tells of it, read by the same tables as one in a
// request.
//
// A field of a wrong type, which the API server never sends but files may have, counts as absent.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string_view>

#include "policies/model/pod_view.hpp"

namespace cvm::webhook {

class StoredPod {
 public:
  // Views into the parsed document, which must outlive it.
  explicit StoredPod(simdjson::dom::element pod);
  StoredPod(const StoredPod&) = delete;
  StoredPod& operator=(const StoredPod&) = delete;

  const PodView& view() const { return view_; }
  std::string_view uid() const { return uid_; }

 private:
  // Holds a pod of some containers, so that most are read without an allocation.
  std::array<std::byte, std::size_t{32} << 10> memory_;
  std::pmr::monotonic_buffer_resource arena_;
  PodView view_;
  std::string_view uid_;
};

}  // namespace cvm::webhook
