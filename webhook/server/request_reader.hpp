// RequestReader: bytes of a connection -> HTTP/1.x requests, one after the other.
//
// Bytes go into space(), commit() says how many came, parse() says what they make. A body is one
// piece of memory, followed by kPadding addressable bytes; a body with Content-Length is not
// copied, a chunked one is put together in place. Reachable without a socket.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "webhook/server/buffer_pool.hpp"
#include "webhook/server/limits.hpp"
#include "webhook/server/request_handler.hpp"

namespace cvm::webhook {

class RequestReader {
 public:
  // As AdmissionHandler::kBodyPadding.
  static constexpr std::size_t kPadding = 64;

  enum class Status {
    kNeedMore,  // more bytes are needed
    kHead,      // head() is there, once a request: route it and parse on
    kComplete,  // body() is there: answer it, then next()
    kRefused,   // refusal() says why: not HTTP, or over a limit; the connection cannot go on
  };

  RequestReader(BufferPool& pool, const Limits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Never empty, unless the last parse() gave kRefused.
  std::span<char> space();
  void commit(std::size_t size);
  Status parse();

  // After kHead, until the next space() or parse().
  const RequestHead& head() const;
  // After kHead. HTTP/1.0 peers must be told that the connection is kept.
  bool keep_alive() const;
  bool is_http_1_0() const;
  // After kHead: nothing of a body that is to come has arrived yet.
  bool awaits_body() const;
  // After kComplete, until next().
  std::string_view body() const;
  const Refusal& refusal() const { return refusal_; }

  // The request is answered: starts with what came after it.
  void next();
  // After space() without commit().
  void give_back_unused();
  // No byte of a request is here.
  bool is_empty() const { return end_ == 0; }

 private:
  class Parser;
  enum class Part { kStart, kHead, kBody, kChunks, kComplete, kRefused };

  Status parse_head();
  Status begin_body();
  Status parse_body();
  Status parse_chunks();
  Status refuse(unsigned status, std::string message);
  void reserve(std::size_t size);

  BufferPool& pool_;
  const Limits& limits_;
  std::unique_ptr<Parser> parser_;
  Buffer buffer_;
  Part part_ = Part::kStart;
  std::size_t parsed_ = 0;      // bytes that the parser has consumed
  std::size_t end_ = 0;         // bytes that are there
  std::size_t body_begin_ = 0;  // where the body begins
  std::size_t body_size_ = 0;   // Content-Length, or what the chunks gave so far
  Refusal refusal_;
};

}  // namespace cvm::webhook
