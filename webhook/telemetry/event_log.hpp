// EventLog: what happens, one line an event, as JSON or as text, through spdlog.
//
// One log serves one thread: lines are collected without a lock and handed to the shared LogOutput
// when flush() is called, when many wait, and at once from a warning on. Values are escaped; what
// is not UTF-8 is replaced, so that a JSON line is always valid.
#pragma once

#include <spdlog/common.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "webhook/telemetry/log_output.hpp"

namespace spdlog {
class logger;
}

namespace cvm::webhook {

enum class LogFormat { kJson, kText };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool, double> value;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const std::string& text)
      : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, std::int64_t number) : key(name), value(number) {}
  LogField(std::string_view name, bool truth) : key(name), value(truth) {}
  LogField(std::string_view name, double number) : key(name), value(number) {}
};

class EventLog {
 public:
  using Level = spdlog::level::level_enum;
  using Fields = std::initializer_list<LogField>;

  EventLog(LogFormat format, Level level, std::shared_ptr<LogOutput> output);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  bool is_enabled(Level level) const;
  void write(Level level, std::string_view message, Fields fields = {});
  void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
  void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
  void error(std::string_view message, Fields fields = {}) { write(Level::err, message, fields); }
  void flush();

  // Another log of the same form to the same output, for another thread.
  std::unique_ptr<EventLog> for_another_thread() const;

 private:
  LogFormat format_;
  std::shared_ptr<LogOutput> output_;
  std::unique_ptr<spdlog::logger> logger_;
  std::string line_;
};

}  // namespace cvm::webhook
