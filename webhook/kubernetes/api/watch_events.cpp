#include "webhook/kubernetes/api/watch_events.hpp"

#include <fmt/format.h>

#include "webhook/decode/json_fields.hpp"

namespace cvm::webhook {
namespace {

std::string beginning_of(std::string_view line) {
  return fmt::format("\"{}{}", line.substr(0, 80), line.size() > 80 ? "...\"" : "\"");
}

}  // namespace

std::optional<std::string_view> LineSplitter::next() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
      buffer_.erase(0, begin_);
      begin_ = 0;
      searched_ = buffer_.size();
      return std::nullopt;
    }
    std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = searched_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) return line;
  }
}

Result<WatchEvent> decode_watch_event(std::string_view line, simdjson::dom::parser& parser) {
  simdjson::dom::element root;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) {
    return Error{fmt::format("expected a watch event, found {}", beginning_of(line))};
  }
  WatchEvent event;
  const std::string type = string_at(root, "/type");
  simdjson::dom::element object;
  if (root.at_pointer("/object").get(object) != simdjson::SUCCESS) {
    return Error{
        fmt::format("expected a watch event with an object, found {}", beginning_of(line))};
  }
  if (type == "ERROR") {
    event.type = WatchEvent::Type::kError;
    std::int64_t code = 0;
    if (object.at_pointer("/code").get(code) == simdjson::SUCCESS) {
      event.code = static_cast<int>(code);
    }
    event.message = string_at(object, "/message");
    return event;
  }
  event.resource_version = string_at(object, "/metadata/resourceVersion");
  if (event.resource_version.empty()) {
    return Error{
        fmt::format("expected a watch event with a resourceVersion, found {}", beginning_of(line))};
  }
  if (type == "BOOKMARK") {
    event.type = WatchEvent::Type::kBookmark;
    return event;
  }
  if (type != "ADDED" && type != "MODIFIED" && type != "DELETED") {
    return Error{fmt::format(
        "expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, found the event type \"{}\"", type)};
  }
  event.type = type == "DELETED" ? WatchEvent::Type::kDelete : WatchEvent::Type::kPut;
  event.name = string_at(object, "/metadata/name");
  if (event.name.empty()) {
    return Error{fmt::format("expected the event of a named object, found {}", beginning_of(line))};
  }
  event.object = object;
  return event;
}

}  // namespace cvm::webhook
