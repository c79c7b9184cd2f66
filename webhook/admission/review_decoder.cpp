#include "webhook/admission/review_decoder.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "webhook/admission/admission_handler.hpp"
#include "webhook/admission/review_arena.hpp"
#include "webhook/admission/review_objects.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::kCreate:
      return "CREATE";
    case Operation::kUpdate:
      return "UPDATE";
    case Operation::kDelete:
      return "DELETE";
    case Operation::kConnect:
      break;
  }
  return "CONNECT";
}

namespace {

static_assert(AdmissionHandler::kBodyPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::string_view kV1 = "admission.k8s.io/v1";
constexpr std::string_view kV1Beta1 = "admission.k8s.io/v1beta1";

// The parser's memory (about 14 bytes for each of the body's) is given back after a larger body.
constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
constexpr std::size_t kLargestKept = std::size_t{1} << 20;

// The members of `request`, kept until all are known: the kind says how the objects are read.
struct RawRequest {
  std::optional<JsonValue> kind, resource, subresource, name, namespace_, operation, dry_run, user,
      object, old_object;
};

template <auto Member>
bool keep(JsonReader&, JsonValue value, const JsonPath&, RawRequest& out) {
  out.*Member = value;
  return true;
}

template <auto Member>
bool read_if_present(JsonReader& reader, const std::optional<JsonValue>& value,
                     const JsonPath& path, AdmissionRequest& out) {
  return !value || reader.read(*value, path, out.*Member);
}

// The uid is needed to answer at all, so it is looked for before anything else is judged. An empty
// text, or what is wrong with it.
std::string find_uid(JsonValue request, std::string_view& uid) {
  constexpr std::string_view kExpected = "a string that is not empty";
  const JsonPath parent("request");
  const JsonPath path = parent.field("uid");
  JsonReader reader(nullptr);
  std::optional<JsonValue> value;
  for (const auto [key, member] : simdjson::dom::object(request)) {
    if (key != "uid") continue;
    if (value) {
      reader.duplicate(path);
      return reader.failure();
    }
    value = member;
  }
  if (!value) {
    reader.missing(path, kExpected);
  } else if (value->get(uid) != simdjson::SUCCESS) {
    reader.wrong_type(path, kExpected, *value);
  } else if (uid.empty()) {
    reader.wrong_value(path, kExpected, "an empty one");
  }
  return reader.failure();
}

bool read_operation(JsonReader& reader, JsonValue value, const JsonPath& path, Operation& out) {
  std::string_view text;
  if (!reader.read(value, path, text)) return false;
  for (const Operation operation :
       {Operation::kCreate, Operation::kUpdate, Operation::kDelete, Operation::kConnect}) {
    if (to_string(operation) == text) {
      out = operation;
      return true;
    }
  }
  return reader.wrong_value(path, "one of CREATE, UPDATE, DELETE, CONNECT", text);
}

}  // namespace

template <>
struct JsonSchema<RawRequest> {
  static constexpr JsonField<RawRequest> kFields[] = {
      {"kind", keep<&RawRequest::kind>},
      {"resource", keep<&RawRequest::resource>},
      {"subResource", keep<&RawRequest::subresource>},
      {"name", keep<&RawRequest::name>},
      {"namespace", keep<&RawRequest::namespace_>},
      {"operation", keep<&RawRequest::operation>},
      {"userInfo", keep<&RawRequest::user>},
      {"object", keep<&RawRequest::object>},
      {"oldObject", keep<&RawRequest::old_object>},
      {"dryRun", keep<&RawRequest::dry_run>},
  };
};

template <>
struct JsonSchema<GroupVersionKind> {
  static constexpr JsonField<GroupVersionKind> kFields[] = {
      {"group", read_member<&GroupVersionKind::group>},
      {"version", read_member<&GroupVersionKind::version>},
      {"kind", read_member<&GroupVersionKind::kind>},
  };
};

template <>
struct JsonSchema<GroupVersionResource> {
  static constexpr JsonField<GroupVersionResource> kFields[] = {
      {"group", read_member<&GroupVersionResource::group>},
      {"version", read_member<&GroupVersionResource::version>},
      {"resource", read_member<&GroupVersionResource::resource>},
  };
};

template <>
struct JsonSchema<UserInfo> {
  static constexpr JsonField<UserInfo> kFields[] = {
      {"username", read_member<&UserInfo::username>},
      {"groups", read_member<&UserInfo::groups>},
  };
};

struct ReviewDecoder::State {
  simdjson::dom::parser parser;
  ReviewArena arena;
  // In the arena: gone before it is reset.
  std::optional<AdmissionRequest> request;
  std::optional<ReviewObjects> objects;

  void renew_parser();
  // Parses the body; an empty text, or what is wrong with it.
  std::string parse(std::string_view body, JsonValue& root);
  // Finds apiVersion and request; an empty text, or what is wrong with the envelope.
  std::string open(JsonValue root, std::string_view& api_version, JsonValue& request);
  bool read_request(JsonReader& reader, const JsonPath& path, const RawRequest& raw,
                    AdmissionRequest& out);
};

// The parser gets its memory here, as simdjson's own set-up at its first use must not run out of
// it.
ReviewDecoder::ReviewDecoder() : state_(std::make_unique<State>()) { state_->renew_parser(); }
ReviewDecoder::~ReviewDecoder() = default;

void ReviewDecoder::State::renew_parser() {
  parser = simdjson::dom::parser();
  // simdjson counts the document as a level.
  if (parser.allocate(kFirstCapacity, kMaxDepth + 1) != simdjson::SUCCESS) throw std::bad_alloc();
}

std::string ReviewDecoder::State::parse(std::string_view body, JsonValue& root) {
  if (body.empty()) return "expected an AdmissionReview as JSON, found an empty body";
  const bool give_back = parser.capacity() > kLargestKept && body.size() <= kLargestKept;
  if (parser.capacity() == 0 || give_back) renew_parser();
  const simdjson::error_code error = parser.parse(body.data(), body.size(), false).get(root);
  if (error == simdjson::SUCCESS) return {};
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  if (error == simdjson::DEPTH_ERROR) {
    return fmt::format("expected an AdmissionReview, found JSON nested deeper than {} levels",
                       kMaxDepth);
  }
  return std::string("expected an AdmissionReview as JSON, found a text that is not JSON: ") +
         simdjson::error_message(error);
}

std::string ReviewDecoder::State::open(JsonValue root, std::string_view& api_version,
                                       JsonValue& request) {
  simdjson::dom::object envelope;
  if (root.get(envelope) != simdjson::SUCCESS) {
    return std::string("expected an AdmissionReview object, found ").append(type_name(root));
  }
  constexpr std::array<std::string_view, 3> kKeys = {"apiVersion", "kind", "request"};
  std::array<std::optional<JsonValue>, kKeys.size()> values;
  for (const auto [key, value] : envelope) {
    for (std::size_t index = 0; index < kKeys.size(); ++index) {
      if (key != kKeys[index]) continue;
      if (values[index]) return fmt::format("{}: expected one value, found the key twice", key);
      values[index] = value;
    }
  }
  const auto text_of = [](const std::optional<JsonValue>& value) {
    std::string_view text;
    return value && value->get(text) == simdjson::SUCCESS ? text : std::string_view();
  };
  api_version = text_of(values[0]);
  JsonReader reader(nullptr);
  const auto wrong = [&](std::size_t index, std::string_view expected) {
    const JsonPath path(kKeys[index]);
    const std::string_view word = index < 2 ? text_of(values[index]) : std::string_view();
    if (!values[index]) {
      reader.missing(path, expected);
    } else if (!word.empty()) {
      reader.wrong_value(path, expected, word);
    } else {
      reader.wrong_type(path, expected, *values[index]);
    }
    return reader.failure();
  };
  if (api_version != kV1 && api_version != kV1Beta1) {
    return wrong(0, "admission.k8s.io/v1 or admission.k8s.io/v1beta1");
  }
  if (text_of(values[1]) != "AdmissionReview") return wrong(1, "AdmissionReview");
  if (!values[2] || !values[2]->is_object()) return wrong(2, "an object");
  request = *values[2];
  return {};
}

const AdmissionRequest* ReviewDecoder::decode(std::string_view body, DecodeFailure& failure) {
  failure = {};
  state_->request.reset();
  state_->objects.reset();
  state_->arena.reset();

  JsonValue root;
  JsonValue request;
  std::string_view api_version;
  failure.message = state_->parse(body, root);
  if (failure.message.empty()) failure.message = state_->open(root, api_version, request);
  if (!failure.message.empty()) return nullptr;

  std::string_view uid;
  failure.message = find_uid(request, uid);
  if (!failure.message.empty()) return nullptr;

  AdmissionRequest& out = state_->request.emplace(state_->arena.resource());
  out.api_version = api_version;
  out.uid = uid;
  const JsonPath path("request");
  JsonReader reader(state_->arena.resource());
  RawRequest raw;
  if (reader.read_object(request, path, raw) && state_->read_request(reader, path, raw, out)) {
    return &out;
  }
  failure = {reader.failure(), uid, api_version};
  return nullptr;
}

bool ReviewDecoder::State::read_request(JsonReader& reader, const JsonPath& path,
                                        const RawRequest& raw, AdmissionRequest& out) {
  if (!raw.kind) return reader.missing(path.field("kind"), "an object");
  if (!raw.operation) return reader.missing(path.field("operation"), "a string");
  if (!reader.read_object(*raw.kind, path.field("kind"), out.kind)) return false;
  if (out.kind.kind.empty()) {
    const JsonPath kind = path.field("kind");
    return reader.missing(kind.field("kind"), "a string that is not empty");
  }
  if (raw.resource && !reader.read_object(*raw.resource, path.field("resource"), out.resource)) {
    return false;
  }
  if (raw.user && !reader.read_object(*raw.user, path.field("userInfo"), out.user)) return false;
  using Request = AdmissionRequest;
  return read_operation(reader, *raw.operation, path.field("operation"), out.operation) &&
         read_if_present<&Request::subresource>(reader, raw.subresource, path.field("subResource"),
                                                out) &&
         read_if_present<&Request::name>(reader, raw.name, path.field("name"), out) &&
         read_if_present<&Request::namespace_>(reader, raw.namespace_, path.field("namespace"),
                                               out) &&
         read_if_present<&Request::dry_run>(reader, raw.dry_run, path.field("dryRun"), out) &&
         objects.emplace(arena.resource()).read(reader, path, raw.object, raw.old_object, out);
}

}  // namespace cvm::webhook
