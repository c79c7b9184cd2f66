// Probes and lifecycle hooks of a container -> Handlers.
#pragma once

#include <type_traits>

#include "policies/model/pod_view.hpp"
#include "webhook/admission/json_reader.hpp"

namespace cvm::webhook {

struct Lifecycle {
  Container& whole;
};

// What a handler does, by its key.
template <Handler::Kind kKind>
struct Action {
  Handler& whole;
};

template <typename Type>
bool read_port(JsonReader& reader, JsonValue value, const JsonPath& path, Type& out) {
  return reader.read_quantity(value, path, out.whole.port);
}

template <>
struct JsonSchema<Action<Handler::Kind::kExec>> {
  static constexpr JsonField<Action<Handler::Kind::kExec>> kFields[] = {
      {"command", read_flat<&Handler::command>}};
};

template <>
struct JsonSchema<Action<Handler::Kind::kHttpGet>> {
  using Type = Action<Handler::Kind::kHttpGet>;
  static bool read_headers(JsonReader& reader, JsonValue value, const JsonPath& path, Type& out) {
    out.whole.has_http_headers = true;
    return value.is_array() || reader.wrong_type(path, "an array", value);
  }
  static constexpr JsonField<Type> kFields[] = {
      {"scheme", read_flat<&Handler::scheme>},
      {"host", read_flat<&Handler::host>},
      {"port", read_port<Type>},
      {"path", read_flat<&Handler::path>},
      {"httpHeaders", read_headers},
  };
};

template <>
struct JsonSchema<Action<Handler::Kind::kTcpSocket>> {
  using Type = Action<Handler::Kind::kTcpSocket>;
  static constexpr JsonField<Type> kFields[] = {{"host", read_flat<&Handler::host>},
                                                {"port", read_port<Type>}};
};

template <Handler::Kind kKind>
bool read_action(JsonReader& reader, JsonValue value, const JsonPath& path, Handler& out) {
  out.kind = kKind;
  if constexpr (kKind == Handler::Kind::kGrpc || kKind == Handler::Kind::kSleep) {
    return value.is_object() || reader.wrong_type(path, "an object", value);
  } else {
    Action<kKind> action{out};
    return reader.read_object(value, path, action);
  }
}

template <>
struct JsonSchema<Handler> {
  static constexpr JsonField<Handler> kFields[] = {
      {"exec", read_action<Handler::Kind::kExec>},
      {"httpGet", read_action<Handler::Kind::kHttpGet>},
      {"tcpSocket", read_action<Handler::Kind::kTcpSocket>},
      {"grpc", read_action<Handler::Kind::kGrpc>},
      {"sleep", read_action<Handler::Kind::kSleep>},
      {"timeoutSeconds", read_member<&Handler::timeout_seconds>},
  };
};

template <FieldName kWhere, typename Whole>
bool read_handler(JsonReader& reader, JsonValue value, const JsonPath& path, Whole& out) {
  std::pmr::vector<Handler>* handlers = nullptr;
  if constexpr (std::is_same_v<Whole, Lifecycle>) {
    handlers = &out.whole.handlers;
  } else {
    handlers = &out.handlers;
  }
  Handler& handler = handlers->emplace_back(handlers->get_allocator().resource());
  handler.where = kWhere.view();
  return reader.read_object(value, path, handler);
}

template <>
struct JsonSchema<Lifecycle> {
  static constexpr JsonField<Lifecycle> kFields[] = {
      {"postStart", read_handler<"lifecycle.postStart">},
      {"preStop", read_handler<"lifecycle.preStop">},
  };
  static void other(std::string_view key, JsonValue, Lifecycle& out) {
    if (key == "stopSignal") out.whole.other_fields.push_back(kStopSignalField);
  }
};

inline bool read_lifecycle(JsonReader& reader, JsonValue value, const JsonPath& path,
                           Container& out) {
  Lifecycle lifecycle{out};
  return reader.read_object(value, path, lifecycle);
}

}  // namespace cvm::webhook
