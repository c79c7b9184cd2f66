// FileReloader: takes files into use again when their contents changed.
//
// Polls: a mounted ConfigMap or Secret changes by the rename of a symbolic link, which no watch on
// the file sees. Contents decide; a file that is the very same as at the last look (inode, size,
// times that are not of just now) is not read. What cannot be used is reported when it is seen a
// second time, so that files caught between two writes (a certificate and its key) are not, and the
// old contents stay in use.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policies/model/result.hpp"

namespace cvm::webhook {

class FileReloader {
 public:
  using Contents = std::vector<std::string>;  // in the order of the files
  // Takes contents into use, or returns why it cannot: nothing may have changed then.
  using Apply = std::function<std::optional<Error>(const Contents& contents)>;

  enum class Event {
    kNothing,
    kReloaded,
    kFailed,  // failure() says why; once for the same contents
  };

  FileReloader(std::vector<std::string> files, Apply apply);

  // The first time. Throws std::runtime_error when there is nothing that can be used.
  void load();
  Event poll();

  // Why what is in the files now is not in use; empty when it is.
  const std::string& failure() const { return failure_; }

 private:
  // What stat(2) says of a file; not equal to itself when it may change without a trace.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds since the epoch
    bool settled = false;

    bool is_same_as(const Stamp& other) const;
  };
  struct Seen {
    Contents contents;
    std::string error;  // not empty: a file could not be read

    bool operator==(const Seen&) const = default;
  };

  static Stamp stamp_of(const std::string& file);
  bool stamps_changed();
  Seen read() const;
  std::optional<Error> apply(const Seen& seen);

  const std::vector<std::string> files_;
  const Apply apply_;
  std::vector<Stamp> stamps_;  // before the last reading
  Seen in_use_;
  std::optional<Seen> suspect_;  // could not be used at the last poll
  std::string suspect_reason_;
  std::string failure_;
};

}  // namespace cvm::webhook
