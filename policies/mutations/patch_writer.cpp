#include "policies/mutations/patch_writer.hpp"

#include <algorithm>
#include <charconv>

namespace cvm {
namespace {

// Keys of Kubernetes' own, and most others: they stand for themselves in a pointer in a JSON
// string.
bool is_simple_key(std::string_view key) {
  static constexpr auto kSimple = [] {
    std::array<bool, 256> simple = {};
    for (const char each : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789-._")) {
      simple[static_cast<unsigned char>(each)] = true;
    }
    return simple;
  }();
  return std::all_of(key.begin(), key.end(), [](unsigned char each) { return kSimple[each]; });
}

}  // namespace

void JsonPointer::append_to(std::string& json) const {
  json += start_;
  for (std::size_t each = 0; each < size_; ++each) {
    const Token& token = tokens_[each];
    json += '/';
    if (token.key == nullptr) {
      std::array<char, 20> digits;
      json.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), token.number).ptr);
      continue;
    }
    const std::string_view key(token.key, token.number);
    if (is_simple_key(key)) {
      json += key;
    } else {
      for_each_pointer_piece(key,
                             [&json](std::string_view piece) { append_json_escaped(json, piece); });
    }
  }
}

void PatchWriter::begin_operation() {
  if (out_.size() == start_) {
    out_ += '[';
  } else {
    out_.back() = ',';
  }
}

void PatchWriter::begin(std::string_view op, const JsonPointer& where) {
  begin_operation();
  append_head(op, where);
}

void PatchWriter::append_head(std::string_view op, const JsonPointer& where) {
  out_.append(R"({"op":")").append(op).append(R"(","path":")");
  where.append_to(out_);
  out_ += '"';
}

void PatchWriter::add(const JsonPointer& where, std::string_view json) {
  add(where, [json](std::string& out) { out += json; });
}

void PatchWriter::add_text(const JsonPointer& where, std::string_view text) {
  add(where, [text](std::string& out) { append_json_string(out, text); });
}

void PatchWriter::replace_text(const JsonPointer& where, std::string_view text) {
  begin("replace", where);
  out_ += kValue;
  append_json_string(out_, text);
  end();
}

void PatchWriter::remove(const JsonPointer& where) {
  begin("remove", where);
  end();
}

std::string PatchWriter::addition(const JsonPointer& where, std::string_view json) {
  std::string text;
  PatchWriter(text).add(where, json);
  return text.substr(1, text.size() - 2);
}

void PatchWriter::append(std::string_view addition) {
  begin_operation();
  out_ += addition;
  out_ += ']';
}

PatchWriter::List PatchWriter::list(const JsonPointer& where, bool exists) {
  return {*this, where, exists};
}

PatchWriter::Map PatchWriter::map(const JsonPointer& where, bool exists) {
  return {*this, where, exists};
}

// "...,"value":[<entry>]}]": where nothing was written since, the next entry goes in before the
// end.
void PatchWriter::List::begin_entry() {
  std::string& out = patch_.out_;
  if (!exists_ && end_ == 0) {
    patch_.begin("add", where_);
    out.append(kValue) += '[';
  } else if (!exists_ && end_ == out.size()) {
    out.resize(out.size() - std::string_view("]}]").size());
    out += ',';
  } else if (head_size_ != 0) {
    patch_.begin_operation();
    out.append(out, head_, head_size_);
  } else {
    exists_ = true;
    patch_.begin_operation();
    head_ = out.size();
    patch_.append_head("add", where_ / "-");
    out += kValue;
    head_size_ = out.size() - head_;
  }
}

void PatchWriter::List::end_entry() {
  if (!exists_) patch_.out_ += ']';
  patch_.end();
  end_ = patch_.out_.size();
}

void PatchWriter::Map::set(std::string_view key, std::string_view text, bool has_key) {
  std::string& out = patch_.out_;
  if (exists_ || (end_ != 0 && end_ != out.size())) {
    exists_ = true;
    return has_key ? patch_.replace_text(where_ / key, text) : patch_.add_text(where_ / key, text);
  }
  if (end_ == 0) {
    patch_.begin("add", where_);
    out.append(kValue) += '{';
  } else {
    out.resize(out.size() - std::string_view("}}]").size());
    out += ',';
  }
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
  out += '}';
  patch_.end();
  end_ = out.size();
}

}  // namespace cvm
