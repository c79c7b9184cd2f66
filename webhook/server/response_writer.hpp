// ResponseWriter: head and body of an answer in one piece of memory, for one write.
//
// The body is rendered first, behind room that is left for the head: its length must be known for
// the head. One writer serves all connections of a thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace cvm::webhook {

struct ResponseHead {
  unsigned status = 200;
  std::string_view content_type;
  std::string_view allow;  // empty: none
  bool keep_alive = true;
  bool is_http_1_0 = false;  // a kept connection must be confirmed
  bool head_only = false;    // HEAD: Content-Length of a body that is not sent
};

class ResponseWriter {
 public:
  ResponseWriter() { start(); }

  // An empty answer; append its body to the string.
  std::string& start();
  // Puts the head in front of what start()'s string got. Valid until the next start().
  std::string_view finish(const ResponseHead& head);

  // Renders the Date field's value for the answers that follow.
  void set_date(std::chrono::system_clock::time_point now);

 private:
  static constexpr std::size_t kHeadRoom = 512;

  std::string bytes_;
  std::string date_;
};

std::string_view reason_phrase(unsigned status);

}  // namespace cvm::webhook
