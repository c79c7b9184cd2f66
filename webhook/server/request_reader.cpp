#include "webhook/server/request_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace cvm::webhook {
namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Takes from a request what is used, without the allocation for each field that http::fields makes.
class RequestParser final : public http::basic_parser<true> {
 public:
  RequestHead head;
  std::string_view content_length_text;  // Beast does not tell the length that it refuses
  bool is_http_1_0 = false;
  bool unknown_transfer_encoding = false;
  char* chunks_end = nullptr;  // where the next chunk's bytes go

 private:
  void on_request_impl(http::verb, boost::beast::string_view method,
                       boost::beast::string_view target, int version, ErrorCode&) override {
    head.method = view(method);
    head.target = view(target);
    is_http_1_0 = version == 10;
  }

  void on_field_impl(http::field name, boost::beast::string_view, boost::beast::string_view value,
                     ErrorCode&) override {
    if (in_body_) return;  // a trailer
    switch (name) {
      case http::field::content_type:
        head.content_type = view(value);
        break;
      case http::field::content_encoding:
        head.content_encoding = view(value);
        break;
      case http::field::content_length:
        content_length_text = view(value);
        break;
      case http::field::expect:
        head.expect = view(value);
        break;
      case http::field::transfer_encoding:
        unknown_transfer_encoding |= !boost::beast::iequals(value, "chunked");
        break;
      default:
        break;
    }
  }

  void on_header_impl(ErrorCode&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(boost::beast::string_view bytes, ErrorCode&) override {
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, ErrorCode&) override {}

  // The bytes are always behind chunks_end: what is put together is shorter than what was sent.
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes,
                                 ErrorCode&) override {
    std::memmove(chunks_end, bytes.data(), bytes.size());
    chunks_end += bytes.size();
    return bytes.size();
  }
  void on_finish_impl(ErrorCode&) override {}
  void on_response_impl(int, boost::beast::string_view, int, ErrorCode&) override {}

  bool in_body_ = false;
};

}  // namespace

class RequestReader::Parser {
 public:
  RequestParser& start(const Limits& limits) {
    RequestParser& parser = current_.emplace();
    // Beast counts only from the first field that is not complete yet: parse_head() counts too.
    parser.header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    parser.body_limit(limits.max_body_bytes);
    return parser;
  }
  RequestParser& operator*() { return *current_; }
  RequestParser* operator->() { return &*current_; }

 private:
  std::optional<RequestParser> current_;
};

RequestReader::RequestReader(BufferPool& pool, const Limits& limits)
    : pool_(pool), limits_(limits), parser_(std::make_unique<Parser>()) {}

RequestReader::~RequestReader() { pool_.give_back(std::move(buffer_)); }

std::span<char> RequestReader::space() {
  if (buffer_.size() == 0) buffer_ = pool_.take();
  const std::size_t usable = buffer_.size() - kPadding;
  if (end_ == usable && part_ == Part::kChunks) reserve(2 * buffer_.size());
  return {buffer_.data() + end_, buffer_.size() - kPadding - end_};
}

void RequestReader::commit(std::size_t size) { end_ += size; }

const RequestHead& RequestReader::head() const { return (*parser_)->head; }
bool RequestReader::keep_alive() const { return (*parser_)->keep_alive(); }
bool RequestReader::is_http_1_0() const { return (*parser_)->is_http_1_0; }

bool RequestReader::awaits_body() const {
  return (part_ == Part::kBody || part_ == Part::kChunks) && end_ == body_begin_;
}

std::string_view RequestReader::body() const { return {buffer_.data() + body_begin_, body_size_}; }

RequestReader::Status RequestReader::parse() {
  switch (part_) {
    case Part::kStart:
      if (end_ == 0) return Status::kNeedMore;
      parser_->start(limits_);
      part_ = Part::kHead;
      [[fallthrough]];
    case Part::kHead:
      return parse_head();
    case Part::kBody:
      return parse_body();
    case Part::kChunks:
      return parse_chunks();
    case Part::kComplete:
      return Status::kComplete;
    case Part::kRefused:
      break;
  }
  return Status::kRefused;
}

RequestReader::Status RequestReader::parse_head() {
  ErrorCode error;
  parsed_ += (*parser_)->put(boost::asio::buffer(buffer_.data() + parsed_, end_ - parsed_), error);
  if (error == http::error::need_more && end_ < limits_.max_header_bytes) return Status::kNeedMore;
  if (error == http::error::need_more || error == http::error::header_limit ||
      (!error && parsed_ > limits_.max_header_bytes)) {
    return refuse(431, fmt::format("expected a request head of at most {} bytes, found more",
                                   limits_.max_header_bytes));
  }
  if (error == http::error::body_limit) {
    return refuse(
        413, fmt::format("expected a body of at most {} bytes, found Content-Length {}",
                         limits_.max_body_bytes, (*parser_)->content_length_text.substr(0, 24)));
  }
  if (error)
    return refuse(400,
                  fmt::format("expected an HTTP/1.1 request, found one with {}", error.message()));
  if ((*parser_)->unknown_transfer_encoding) {
    return refuse(400, "expected Transfer-Encoding chunked or none, found another");
  }
  return begin_body();
}

RequestReader::Status RequestReader::begin_body() {
  body_begin_ = parsed_;
  body_size_ = 0;
  if ((*parser_)->is_done()) {
    part_ = Part::kComplete;
  } else if ((*parser_)->chunked()) {
    part_ = Part::kChunks;
  } else {
    body_size_ = static_cast<std::size_t>((*parser_)->content_length().value_or(0));
    part_ = Part::kBody;
  }
  return Status::kHead;
}

RequestReader::Status RequestReader::parse_body() {
  if (end_ - body_begin_ >= body_size_) {
    parsed_ = body_begin_ + body_size_;
    part_ = Part::kComplete;
    return Status::kComplete;
  }
  reserve(body_begin_ + body_size_ + kPadding);
  return Status::kNeedMore;
}

RequestReader::Status RequestReader::parse_chunks() {
  RequestParser& parser = **parser_;
  char* const body_begin = buffer_.data() + body_begin_;
  parser.chunks_end = body_begin + body_size_;
  ErrorCode error;
  while (!error && !parser.is_done()) {
    if (parsed_ == end_) {  // Beast makes no progress and no error of nothing within a chunk
      error = http::error::need_more;
      break;
    }
    parsed_ += parser.put(boost::asio::buffer(buffer_.data() + parsed_, end_ - parsed_), error);
  }
  body_size_ = static_cast<std::size_t>(parser.chunks_end - body_begin);
  if (!error) {
    part_ = Part::kComplete;
    return Status::kComplete;
  }
  if (error == http::error::body_limit) {
    return refuse(413, fmt::format("expected a body of at most {} bytes, found chunks of more",
                                   limits_.max_body_bytes));
  }
  if (error != http::error::need_more) {
    return refuse(400, fmt::format("expected a chunked body, found one with {}", error.message()));
  }
  // What is left is part of a chunk's head or of the trailer: next to the body with it.
  const std::size_t left = end_ - parsed_;
  if (left > limits_.max_header_bytes) {
    return refuse(431,
                  fmt::format("expected a chunk's head and trailer of at most {} bytes, found more",
                              limits_.max_header_bytes));
  }
  std::memmove(parser.chunks_end, buffer_.data() + parsed_, left);
  parsed_ = body_begin_ + body_size_;
  end_ = parsed_ + left;
  return Status::kNeedMore;
}

RequestReader::Status RequestReader::refuse(unsigned status, std::string message) {
  refusal_ = {status, std::move(message), {}};
  part_ = Part::kRefused;
  return Status::kRefused;
}

void RequestReader::reserve(std::size_t size) {
  if (size > buffer_.size()) buffer_.grow(size, end_);
}

void RequestReader::next() {
  const std::size_t left = end_ - parsed_;
  if (left > 0) std::memmove(buffer_.data(), buffer_.data() + parsed_, left);
  end_ = left;
  parsed_ = 0;
  part_ = Part::kStart;
  give_back_unused();
}

void RequestReader::give_back_unused() {
  if (end_ > 0 || buffer_.size() == 0) return;
  pool_.give_back(std::move(buffer_));
  buffer_ = Buffer();
}

}  // namespace cvm::webhook
