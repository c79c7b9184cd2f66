#include "webhook/recording/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "policies/model/workspace.hpp"
#include "webhook/formats/text_file.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string string_at(const json& value, const char* pointer) {
  const json::json_pointer place(pointer);
  if (!value.contains(place) || !value.at(place).is_string()) return {};
  return value.at(place).get<std::string>();
}

// "gpu-cloud=deny,tmp-mount=warn"
std::set<std::string> split_rules(std::string_view list) {
  std::set<std::string> rules;
  while (!list.empty()) {
    const std::string_view rule = list.substr(0, list.find(','));
    if (!rule.empty()) rules.emplace(rule);
    list.remove_prefix(std::min(list.size(), rule.size() + 1));
  }
  return rules;
}

std::optional<RecordedAnswer> answer_in(const json& review) {
  const auto response = review.find("response");
  if (response == review.end() || !response->is_object() || !response->contains("allowed") ||
      !response->at("allowed").is_boolean()) {
    return std::nullopt;
  }
  return RecordedAnswer{
      .allowed = response->at("allowed"),
      .rules = split_rules(string_at(*response, "/auditAnnotations/rules")),
      .break_glass = response->contains(json::json_pointer("/auditAnnotations/break-glass"))};
}

// Where the review does not say: by the file's name, else as the API server would have asked.
Endpoint endpoint_of(const json& review, const RecordedCall& call) {
  const std::string told = string_at(review, "/endpoint");
  const auto is_named = [&call](std::string_view endpoint) {
    return call.file.find(endpoint) != std::string::npos;
  };
  if (told == to_string(Endpoint::kMutate)) return Endpoint::kMutate;
  if (told == to_string(Endpoint::kValidate) || is_named("validate")) return Endpoint::kValidate;
  return is_named("mutate") || call.creates_pod() ? Endpoint::kMutate : Endpoint::kValidate;
}

RecordedCall read_call(const fs::path& file) {
  const auto text = read_text_file(file.string());
  if (!text) throw std::runtime_error(fmt::format("{}: {}", file.string(), text.error().message));
  json review;
  try {
    review = json::parse(*text);
  } catch (const json::parse_error& error) {
    throw std::runtime_error(
        fmt::format("{}: expected an AdmissionReview as JSON: {}", file.string(), error.what()));
  }
  if (string_at(review, "/kind") != "AdmissionReview" || !review.contains("request") ||
      !review["request"].is_object()) {
    throw std::runtime_error(
        fmt::format("{}: expected an AdmissionReview with a request, found kind \"{}\"",
                    file.string(), string_at(review, "/kind")));
  }
  RecordedCall call;
  call.file = file.filename().string();
  call.answer = answer_in(review);
  call.request = std::move(review["request"]);
  call.endpoint = endpoint_of(review, call);
  return call;
}

std::vector<fs::path> files_of(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    const std::size_t before = files.size();
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == kRecordingExtension) files.push_back(entry.path());
    }
    if (files.size() == before) {
      throw std::runtime_error(
          fmt::format("{}: expected recorded calls (*.json), found none", path));
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  }
  return files;
}

void add_answer(const RecordedCall& follow_up, RecordedCall& creation) {
  if (!follow_up.answer) return;
  if (!creation.answer) creation.answer.emplace(RecordedAnswer{.allowed = true});
  creation.answer->allowed = creation.answer->allowed && follow_up.answer->allowed;
  creation.answer->break_glass |= follow_up.answer->break_glass;
  creation.answer->rules.insert(follow_up.answer->rules.begin(), follow_up.answer->rules.end());
}

}  // namespace

std::string_view to_string(Endpoint endpoint) {
  return endpoint == Endpoint::kMutate ? "mutate" : "validate";
}

std::string RecordedCall::text(const char* key) const {
  return string_at(request, (std::string("/") + key).c_str());
}

std::string RecordedCall::resource() const {
  const std::string subresource = text("subResource");
  return string_at(request, "/resource/resource") + (subresource.empty() ? "" : "/" + subresource);
}

std::string RecordedCall::object_name() const {
  std::string name = text("name");
  if (name.empty()) name = string_at(request, "/object/metadata/name");
  if (name.empty()) name = string_at(request, "/object/metadata/generateName") + "*";
  const std::string ns = text("namespace");
  return ns.empty() ? name : fmt::format("{}/{}", ns, name);
}

std::string RecordedCall::creation_key() const {
  const std::string generated = string_at(request, "/object/metadata/generateName");
  return generated.empty() ? object_name() : fmt::format("{}/{}*", text("namespace"), generated);
}

bool RecordedCall::creates_pod() const {
  return text("operation") == "CREATE" && resource() == "pods";
}

bool RecordedCall::carries_plan() const {
  const auto place =
      json::json_pointer("/object/metadata/annotations") / std::string(kPlanAnnotation);
  return request.contains(place);
}

Recording read_recording(const std::vector<std::string>& paths) {
  Recording recording;
  std::map<std::string, std::size_t> creations;  // the latest of each pod
  for (const fs::path& file : files_of(paths)) {
    RecordedCall call = read_call(file);
    if (!call.creates_pod()) {
      recording.calls.push_back(std::move(call));
      continue;
    }
    const auto first = creations.find(call.creation_key());
    const bool follows = call.endpoint == Endpoint::kValidate || call.carries_plan();
    if (follows && first != creations.end()) {
      add_answer(call, recording.calls[first->second]);
      recording.follow_ups.push_back(std::move(call));
      continue;
    }
    if (call.carries_plan()) {
      recording.follow_ups.push_back(std::move(call));
      continue;
    }
    creations[call.creation_key()] = recording.calls.size();
    recording.calls.push_back(std::move(call));
  }
  return recording;
}

}  // namespace cvm::webhook
