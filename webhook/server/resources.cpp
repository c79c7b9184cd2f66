#include "webhook/server/resources.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

namespace cvm::webhook {
namespace {

constexpr unsigned kFewestThreads = 2;

// Cores by the quota of the cgroup (version 2): "max 100000" or "150000 100000".
double quota_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (file >> quota >> period && period > 0) return quota / period;
  return std::numeric_limits<double>::infinity();
}

}  // namespace

unsigned default_threads() {
  double cores = std::max(1U, std::thread::hardware_concurrency());
  cores = std::min(cores, std::ceil(quota_cores()));
  return std::max(kFewestThreads, static_cast<unsigned>(cores));
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace cvm::webhook
