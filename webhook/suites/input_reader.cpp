// What a case is about: a pod, an object that pods are made by, or a recorded review.

#include <fmt/format.h>

#include <array>

#include "webhook/calls/pod_makers.hpp"
#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

struct InputKeys {
  SuiteCase::Input kind;
  const char *inline_key, *file_key;
};

constexpr std::array<InputKeys, 3> kInputs = {{
    {SuiteCase::Input::kPod, "pod", "podFile"},
    {SuiteCase::Input::kObject, "object", "objectFile"},
    {SuiteCase::Input::kReview, "review", "reviewFile"},
}};

void expect_text(SuiteReading& reading, const SourcedInput& input, const char* key,
                 const std::string& expected) {
  const std::string found = input.value.value(key, "");
  if (found == expected) return;
  reading.add_mistake(
      find_place(input.sources, std::string("/") + key),
      fmt::format("{}: expected {}, found {}", key, expected, found.empty() ? "nothing" : found));
}

void check_string(SuiteReading& reading, SourcedInput& input, const char* key) {
  const auto found = input.value.find(key);
  if (found == input.value.end() || found->is_string()) return;
  reading.add_mistake(find_place(input.sources, std::string("/") + key),
                      fmt::format("{}: expected a string, found {}", key, found->dump()));
  *found = "";
}

void check_pod(SuiteReading& reading, SourcedInput& input) {
  for (const auto& [key, expected] : {std::pair{"apiVersion", "v1"}, std::pair{"kind", "Pod"}}) {
    if (!input.value.contains(key)) {
      input.value[key] = expected;
    } else {
      expect_text(reading, input, key, expected);
    }
  }
}

void check_object(SuiteReading& reading, const SourcedInput& input) {
  const std::string kind = input.value.value("kind", "");
  const PodMaker* maker = find_pod_maker(kind);
  if (maker == nullptr) {
    reading.add_mistake(find_place(input.sources, "/kind"),
                        fmt::format("kind: expected {}, found {}{}", list_pod_makers(),
                                    kind.empty() ? "nothing" : kind, suggest_pod_maker(kind)));
    return;
  }
  expect_text(reading, input, "apiVersion", std::string(maker->api_version));
  if (!input.value.contains(json::json_pointer(maker->template_pointer()))) {
    reading.add_mistake(find_place(input.sources, ""),
                        fmt::format("expected a pod template at {}, found none", maker->path));
  }
}

void check_review(SuiteReading& reading, const SourcedInput& input) {
  expect_text(reading, input, "kind", "AdmissionReview");
  const auto request = input.value.find("request");
  if (request == input.value.end() || !request->is_object() || !request->contains("uid") ||
      !request->contains("operation")) {
    reading.add_mistake(find_place(input.sources, "/request"),
                        "request: expected a map with uid, operation and object");
  }
}

void check(SuiteReading& reading, SourcedInput& input) {
  for (const char* key : {"apiVersion", "kind"}) check_string(reading, input, key);
  switch (input.kind) {
    case SuiteCase::Input::kPod:
      return check_pod(reading, input);
    case SuiteCase::Input::kObject:
      return check_object(reading, input);
    case SuiteCase::Input::kReview:
      return check_review(reading, input);
  }
}

}  // namespace

std::optional<SourcedInput> read_input(SuiteReading& reading, const DocumentValue& level,
                                       const std::optional<SourcedInput>& base) {
  const InputKeys* chosen = nullptr;
  for (const InputKeys& keys : kInputs) {
    const auto text = level.find(keys.inline_key);
    const auto file = level.find(keys.file_key);
    if (!text && !file) continue;
    if (chosen != nullptr) {
      (text ? text : file)
          ->add_key_mistake(fmt::format("expected one of pod, object and review, found also {}",
                                        chosen->inline_key));
      return std::nullopt;
    }
    chosen = &keys;
  }
  if (chosen == nullptr) return base;

  SourcedInput input;
  input.kind = chosen->kind;
  input.value = json::object();
  if (const auto file = level.find(chosen->file_key)) {
    auto object = reading.read_object_file(*file);
    if (!object) return std::nullopt;
    static_cast<SourcedJson&>(input) = std::move(*object);
  } else if (base && base->kind == chosen->kind) {
    input = *base;
  }
  if (const auto text = level.find(chosen->inline_key)) {
    const auto patch = read_map(*text);
    if (!patch) return std::nullopt;
    input.value.merge_patch(*patch);
    input.sources.push_back(reading.source_of(*text));
  }
  check(reading, input);
  return input;
}

}  // namespace cvm::webhook
