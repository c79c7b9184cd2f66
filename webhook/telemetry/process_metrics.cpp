#include "webhook/telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace cvm::webhook {
namespace {

void append(std::vector<prometheus::MetricFamily>& families, const char* name, const char* help,
            prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  families.push_back({name, help, type, {metric}});
}

struct ProcessStat {
  double cpu_ticks = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0, threads = 0;
};

// proc(5), /proc/[pid]/stat: fields 14, 15 (CPU), 20 (threads), 22 (start), 23 (size), 24
// (resident).
bool read_stat(ProcessStat& stat) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  // The command, field 2, is in parentheses and may contain anything.
  const std::size_t after_command = text.rfind(')');
  if (after_command == std::string::npos) return false;
  std::istringstream fields(text.substr(after_command + 1));
  std::string field;
  for (int number = 3; fields >> field && number <= 24; ++number) {
    if (number == 14 || number == 15) stat.cpu_ticks += std::stod(field);
    if (number == 20) stat.threads = std::stod(field);
    if (number == 22) stat.start_ticks = std::stod(field);
    if (number == 23) stat.virtual_bytes = std::stod(field);
    if (number == 24) stat.resident_pages = std::stod(field);
  }
  return true;
}

// Seconds since the epoch at which the machine started.
double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string key; file >> key;) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
    std::string rest;
    std::getline(file, rest);
  }
  return 0;
}

double count_open_descriptors() {
  std::error_code error;
  double count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

void append_process_metrics(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  ProcessStat stat;
  if (read_stat(stat)) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    append(families, "process_cpu_seconds_total", "User and system CPU time spent.",
           MetricType::Counter, stat.cpu_ticks / ticks);
    append(families, "process_start_time_seconds", "Start time since the epoch.", MetricType::Gauge,
           boot_time() + stat.start_ticks / ticks);
    append(families, "process_virtual_memory_bytes", "Virtual memory size.", MetricType::Gauge,
           stat.virtual_bytes);
    append(families, "process_resident_memory_bytes", "Resident memory size.", MetricType::Gauge,
           stat.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
    append(families, "process_threads", "Number of threads.", MetricType::Gauge, stat.threads);
  }
  append(families, "process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
         count_open_descriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    append(families, "process_max_fds", "Maximum number of open file descriptors.",
           MetricType::Gauge, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace cvm::webhook
