// PatchWriter: the only code that writes operations of a JSON Patch (RFC 6902).
//
//   PatchWriter patch(text);
//   patch.add("/spec/hostUsers", "false");
//   PatchWriter::List volumes = patch.list("/spec/volumes", pod.has_volumes);
//   for (...) volumes.append(json);
//
// Values are valid JSON, which nothing checks; those that are `text` are written as JSON strings.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "policies/model/json_text.hpp"

namespace cvm {

// A place in a document, as a JSON pointer (RFC 6901): a fixed start, and tokens that are escaped
// where they are written. A view: the tokens' text must outlive it.
//
//   JsonPointer("/spec/containers") / index / "env" / "-"
class JsonPointer {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is a pointer.
  consteval JsonPointer(const char* start) : start_(start) {
    if (!start_.starts_with('/') || start_.find_first_of("\"\\") != std::string_view::npos) {
      throw "no JSON pointer";  // does not compile
    }
  }

  JsonPointer operator/(std::string_view key) const { return with({key.data(), key.size()}); }
  JsonPointer operator/(std::size_t index) const { return with({nullptr, index}); }

  // Appends it as it stands within a JSON string.
  void append_to(std::string& json) const;

 private:
  struct Token {
    const char* key = nullptr;  // null: an index
    std::size_t number = 0;     // the index, or the size of the key
  };
  static constexpr std::size_t kMostTokens = 6;

  JsonPointer with(const Token& token) const {
    JsonPointer longer = *this;
    longer.tokens_.at(longer.size_++) = token;
    return longer;
  }

  std::string_view start_;
  std::array<Token, kMostTokens> tokens_ = {};
  std::size_t size_ = 0;
};

class PatchWriter {
 public:
  class List;
  class Map;

  // Appends to `out`, which ends with a whole patch after each call; with nothing, before the
  // first.
  explicit PatchWriter(std::string& out) : out_(out), start_(out.size()) {}

  void add(const JsonPointer& where, std::string_view json);
  // `write` appends the value to the std::string that it is given.
  template <std::invocable<std::string&> Write>
  void add(const JsonPointer& where, Write&& write) {
    begin("add", where);
    out_ += kValue;
    write(out_);
    end();
  }
  void add_text(const JsonPointer& where, std::string_view text);
  void replace_text(const JsonPointer& where, std::string_view text);
  void remove(const JsonPointer& where);

  // What add() writes, for texts that are written once and appended often.
  static std::string addition(const JsonPointer& where, std::string_view json);
  void append(std::string_view addition);

  // A list or a map of the document. Where it is not there (`exists`), the first entry makes it.
  List list(const JsonPointer& where, bool exists);
  Map map(const JsonPointer& where, bool exists);

 private:
  static constexpr std::string_view kValue = ",\"value\":";

  void begin_operation();
  void begin(std::string_view op, const JsonPointer& where);
  void append_head(std::string_view op, const JsonPointer& where);
  void end() { out_ += "}]"; }

  std::string& out_;
  std::size_t start_;
};

class PatchWriter::List {
 public:
  List(PatchWriter& patch, const JsonPointer& where, bool exists)
      : patch_(patch), where_(where), exists_(exists) {}

  void append(std::string_view json) {
    append([json](std::string& out) { out += json; });
  }
  template <std::invocable<std::string&> Write>
  void append(Write&& write) {
    begin_entry();
    write(patch_.out_);
    end_entry();
  }

 private:
  void begin_entry();
  void end_entry();

  PatchWriter& patch_;
  JsonPointer where_;
  bool exists_;
  std::size_t end_ = 0;  // of the operation that makes it, once that is written
  // Where the text up to an entry's value was written, which is the same for each.
  std::size_t head_ = 0, head_size_ = 0;
};

class PatchWriter::Map {
 public:
  Map(PatchWriter& patch, const JsonPointer& where, bool exists)
      : patch_(patch), where_(where), exists_(exists) {}

  // `has_key`: the map has another value for it.
  void set(std::string_view key, std::string_view text, bool has_key = false);

 private:
  PatchWriter& patch_;
  JsonPointer where_;
  bool exists_;
  std::size_t end_ = 0;  // of the operation that makes it, once that is written
};

}  // namespace cvm
