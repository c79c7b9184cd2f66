#include "webhook/server/response_writer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <iterator>

namespace cvm::webhook {
namespace {

// A head is at most some 300 bytes: every part of it is ours.
class HeadText {
 public:
  void add(std::string_view text) {
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void add(std::size_t number) {
    const auto end = std::to_chars(bytes_.data() + size_, bytes_.data() + bytes_.size(), number);
    size_ = static_cast<std::size_t>(end.ptr - bytes_.data());
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 512> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

std::string& ResponseWriter::start() {
  bytes_.resize(kHeadRoom);
  return bytes_;
}

std::string_view ResponseWriter::finish(const ResponseHead& head) {
  HeadText text;
  text.add("HTTP/1.1 ");
  text.add(head.status);
  text.add(" ");
  text.add(reason_phrase(head.status));
  if (!date_.empty()) {
    text.add("\r\nDate: ");
    text.add(date_);
  }
  if (!head.content_type.empty()) {
    text.add("\r\nContent-Type: ");
    text.add(head.content_type);
  }
  if (!head.allow.empty()) {
    text.add("\r\nAllow: ");
    text.add(head.allow);
  }
  text.add("\r\nContent-Length: ");
  text.add(bytes_.size() - kHeadRoom);
  if (!head.keep_alive) {
    text.add("\r\nConnection: close");
  } else if (head.is_http_1_0) {
    text.add("\r\nConnection: keep-alive");
  }
  text.add("\r\n\r\n");

  const std::string_view rendered = text.text();
  const std::size_t begin = kHeadRoom - rendered.size();
  std::memcpy(bytes_.data() + begin, rendered.data(), rendered.size());
  if (head.head_only) bytes_.resize(kHeadRoom);
  return std::string_view(bytes_).substr(begin);
}

void ResponseWriter::set_date(std::chrono::system_clock::time_point now) {
  date_.clear();
  fmt::format_to(std::back_inserter(date_), "{:%a, %d %b %Y %H:%M:%S GMT}",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

}  // namespace cvm::webhook
