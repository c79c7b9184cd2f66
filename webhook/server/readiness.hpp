// Readiness: whether this instance should get requests, and why not. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cvm::webhook {

class Readiness {
 public:
  // Ready when every check that was ever set holds. Checks are listed in the order of their first
  // setting; `detail` is one line for the verbose answer.
  void set(std::string_view check, bool holds, std::string detail);

  bool is_ready() const;
  // "ok", or the checks that fail; verbose: every check with [+] or [-] and its detail.
  std::string describe(bool verbose) const;

 private:
  struct Check {
    std::string name;
    bool holds;
    std::string detail;
  };

  mutable std::mutex mutex_;
  std::vector<Check> checks_;
};

// A check's detail, on one line, with why what it is about is not up to date; `failure` empty: it
// is.
std::string with_failure(std::string detail, const std::string& failure);

}  // namespace cvm::webhook
