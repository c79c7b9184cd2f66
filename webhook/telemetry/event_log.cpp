#include "webhook/telemetry/event_log.hpp"

#include <fmt/chrono.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "policies/model/json_text.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

template <typename Number>
void append_number(Number number, std::string& out) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), end.ptr);
}

// Bare words stay bare in text lines; anything else is quoted as in JSON.
void append_text_value(std::string_view text, std::string& out) {
  bool bare = !text.empty();
  for (const char character : text) {
    bare = bare && is_plain(static_cast<unsigned char>(character)) && character != ' ' &&
           character != '=';
  }
  if (bare) {
    out += text;
  } else {
    append_json_string(out, text);
  }
}

struct AppendValue {
  LogFormat format;
  std::string& out;

  void operator()(std::string_view text) const {
    if (format == LogFormat::kJson) {
      append_json_string(out, text);
    } else {
      append_text_value(text, out);
    }
  }
  void operator()(std::int64_t number) const { append_number(number, out); }
  void operator()(double number) const { append_number(number, out); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
};

// Puts time and level around the event's own text, which is rendered already.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& event, spdlog::memory_buf_t& line) override {
    const auto append = [&](std::string_view text) {
      line.append(text.data(), text.data() + text.size());
    };
    const auto level = spdlog::level::to_string_view(event.level);
    const std::string_view level_name(level.data(), level.size());
    const std::string_view payload(event.payload.data(), event.payload.size());
    if (format_ == LogFormat::kJson) {
      append("{\"time\":\"");
      append(time_text(event.time));
      append("\",\"level\":\"");
      append(level_name);
      append("\",");
      append(payload);
      append("}\n");
    } else {
      append(time_text(event.time));
      append(" ");
      append(level_name);
      append(
          std::string_view("        ").substr(0, 8 - std::min<std::size_t>(level_name.size(), 7)));
      append(payload);
      append("\n");
    }
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  // RFC 3339 in UTC with milliseconds.
  std::string_view time_text(spdlog::log_clock::time_point time) {
    const auto since_epoch = time.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    if (seconds.count() != second_) {
      second_ = seconds.count();
      fmt::format_to(text_.data(), "{:%Y-%m-%dT%H:%M:%S.000Z}",
                     fmt::gmtime(spdlog::log_clock::to_time_t(time)));
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - seconds).count();
    text_[20] = static_cast<char>('0' + milliseconds / 100);
    text_[21] = static_cast<char>('0' + milliseconds / 10 % 10);
    text_[22] = static_cast<char>('0' + milliseconds % 10);
    return {text_.data(), 24};
  }

  LogFormat format_;
  std::int64_t second_ = -1;
  std::array<char, 32> text_{};
};

// Collects lines of one thread.
class CollectingSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  CollectingSink(std::unique_ptr<spdlog::formatter> formatter, std::shared_ptr<LogOutput> output)
      : base_sink(std::move(formatter)), output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& event) override {
    formatter_->format(event, lines_);
    if (lines_.size() >= kFlushBytes) flush_();
  }
  void flush_() override {
    output_->submit({lines_.data(), lines_.size()});
    lines_.clear();
  }

  std::shared_ptr<LogOutput> output_;
  spdlog::memory_buf_t lines_;
};

}  // namespace

EventLog::EventLog(LogFormat format, Level level, std::shared_ptr<LogOutput> output)
    : format_(format), output_(std::move(output)) {
  auto sink = std::make_shared<CollectingSink>(std::make_unique<LineFormatter>(format), output_);
  logger_ = std::make_unique<spdlog::logger>("cvm-webhook", std::move(sink));
  logger_->set_level(level);
  logger_->flush_on(Level::warn);
}

EventLog::~EventLog() { flush(); }

bool EventLog::is_enabled(Level level) const { return logger_->should_log(level); }

void EventLog::write(Level level, std::string_view message, Fields fields) {
  if (!is_enabled(level)) return;
  line_.clear();
  if (format_ == LogFormat::kJson) {
    line_ += "\"msg\":";
    append_json_string(line_, message);
  } else {
    line_ += message;
  }
  for (const LogField& field : fields) {
    if (format_ == LogFormat::kJson) {
      line_ += ",\"";
      line_ += field.key;
      line_ += "\":";
    } else {
      line_ += ' ';
      line_ += field.key;
      line_ += '=';
    }
    std::visit(AppendValue{format_, line_}, field.value);
  }
  logger_->log(level, spdlog::string_view_t(line_.data(), line_.size()));
}

void EventLog::flush() { logger_->flush(); }

std::unique_ptr<EventLog> EventLog::for_another_thread() const {
  return std::make_unique<EventLog>(format_, logger_->level(), output_);
}

}  // namespace cvm::webhook
