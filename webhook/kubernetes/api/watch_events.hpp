// What a watch sends: one JSON object a line, split anywhere on its way.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// Cuts a stream into lines.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t line_limit) : limit_(line_limit) {}

  void append(std::string_view piece) { buffer_ += piece; }

  // The next complete line, without its end; empty lines are left out. Valid until append().
  std::optional<std::string_view> next();

  // Whether the line that is not complete yet has more bytes than the limit.
  bool too_long() const { return buffer_.size() - begin_ > limit_; }

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t begin_ = 0;     // of the line that is not given out yet
  std::size_t searched_ = 0;  // up to here there is no line end after begin_
};

struct WatchEvent {
  enum class Type { kPut, kDelete, kBookmark, kError };

  Type type = Type::kPut;
  std::string resource_version;   // of every type but kError
  simdjson::dom::element object;  // kPut, kDelete; good until the parser's next use
  std::string name;               // of the object
  int code = 0;                   // kError: of the Status, 410 when the version is too old
  std::string message;            // kError
};

// An error for a line that is not a watch event of a named object.
Result<WatchEvent> decode_watch_event(std::string_view line, simdjson::dom::parser& parser);

}  // namespace cvm::webhook
