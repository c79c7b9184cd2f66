// InnerView: the workspace container as it is inside a CVM of placement `wrap`, for the rules about
// what users may have.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory_resource>
#include <string>

#include "policies/model/pod_view.hpp"

namespace cvm {

class InnerView {
 public:
  // `container` of `pod` is the workspace container: `is_wrapped`, so that it is the supervisor
  // now, or not yet. Both must outlive this.
  InnerView(const PodView& pod, const Container& container, bool is_wrapped);
  InnerView(const InnerView&) = delete;
  InnerView& operator=(const InnerView&) = delete;

  // Kind, index, name, image, environment, volume mounts by their paths inside, ports, resources;
  // the user that it runs as, and of the rest of a securityContext what Sysbox makes of it: it
  // runs in a user namespace of its own, in which it can gain nothing.
  const Container& container() const { return container_; }

 private:
  void read_plain(const PodView& pod, const Container& container);
  void read_wrapped(const Container& container);
  void set_user(std::string_view user);

  // Not the pod's arena: this outlives it, in a thread's working memory.
  std::array<std::byte, 4096> buffer_;
  std::pmr::monotonic_buffer_resource arena_{buffer_.data(), buffer_.size()};
  Container container_{&arena_};
  std::deque<std::string> paths_;  // what container_ has views of
};

}  // namespace cvm
