// Probes and lifecycle hooks of a container -> LifecycleActions.
#pragma once

#include <type_traits>

#include "policies/model/pod_view.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

struct Lifecycle {
  Container& whole;
};

// What an action does, by its key.
template <LifecycleAction::Kind kKind>
struct ActionOfKind {
  LifecycleAction& whole;
};

template <typename Type>
bool read_port(JsonReader& reader, JsonValue value, const JsonPath& path, Type& out) {
  return reader.read_quantity(value, path, out.whole.port);
}

template <>
struct JsonSchema<ActionOfKind<LifecycleAction::Kind::kExec>> {
  static constexpr JsonField<ActionOfKind<LifecycleAction::Kind::kExec>> kFields[] = {
      {"command", read_flat<&LifecycleAction::command>}};
};

template <>
struct JsonSchema<ActionOfKind<LifecycleAction::Kind::kHttpGet>> {
  using Type = ActionOfKind<LifecycleAction::Kind::kHttpGet>;
  static bool read_headers(JsonReader& reader, JsonValue value, const JsonPath& path, Type& out) {
    out.whole.has_http_headers = true;
    return value.is_array() || reader.wrong_type(path, "an array", value);
  }
  static constexpr JsonField<Type> kFields[] = {
      {"scheme", read_flat<&LifecycleAction::scheme>},
      {"host", read_flat<&LifecycleAction::host>},
      {"port", read_port<Type>},
      {"path", read_flat<&LifecycleAction::path>},
      {"httpHeaders", read_headers},
  };
};

template <>
struct JsonSchema<ActionOfKind<LifecycleAction::Kind::kTcpSocket>> {
  using Type = ActionOfKind<LifecycleAction::Kind::kTcpSocket>;
  static constexpr JsonField<Type> kFields[] = {{"host", read_flat<&LifecycleAction::host>},
                                                {"port", read_port<Type>}};
};

template <LifecycleAction::Kind kKind>
bool read_kind(JsonReader& reader, JsonValue value, const JsonPath& path, LifecycleAction& out) {
  out.kind = kKind;
  if constexpr (kKind == LifecycleAction::Kind::kGrpc || kKind == LifecycleAction::Kind::kSleep) {
    return value.is_object() || reader.wrong_type(path, "an object", value);
  } else {
    ActionOfKind<kKind> of_kind{out};
    return reader.read_object(value, path, of_kind);
  }
}

template <>
struct JsonSchema<LifecycleAction> {
  static constexpr JsonField<LifecycleAction> kFields[] = {
      {"exec", read_kind<LifecycleAction::Kind::kExec>},
      {"httpGet", read_kind<LifecycleAction::Kind::kHttpGet>},
      {"tcpSocket", read_kind<LifecycleAction::Kind::kTcpSocket>},
      {"grpc", read_kind<LifecycleAction::Kind::kGrpc>},
      {"sleep", read_kind<LifecycleAction::Kind::kSleep>},
      {"timeoutSeconds", read_member<&LifecycleAction::timeout_seconds>},
  };
};

template <FieldName kWhere, typename Whole>
bool read_lifecycle_action(JsonReader& reader, JsonValue value, const JsonPath& path, Whole& out) {
  std::pmr::vector<LifecycleAction>* actions = nullptr;
  if constexpr (std::is_same_v<Whole, Lifecycle>) {
    actions = &out.whole.lifecycle_actions;
  } else {
    actions = &out.lifecycle_actions;
  }
  LifecycleAction& action = actions->emplace_back(actions->get_allocator().resource());
  action.where = kWhere.view();
  return reader.read_object(value, path, action);
}

template <>
struct JsonSchema<Lifecycle> {
  static constexpr JsonField<Lifecycle> kFields[] = {
      {"postStart", read_lifecycle_action<"lifecycle.postStart">},
      {"preStop", read_lifecycle_action<"lifecycle.preStop">},
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
