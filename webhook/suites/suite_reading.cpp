#include "webhook/suites/suite_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "webhook/formats/text_file.hpp"

namespace cvm::webhook {

std::string FilePlace::text() const { return fmt::format("{}:{}:{}", file, line, column); }

FilePlace find_place(const Sources& sources, std::string_view pointer) {
  for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
    const auto found = source->document->positions.find(source->base + std::string(pointer));
    if (found == source->document->positions.end()) continue;
    return {source->file, found->second.line, found->second.column};
  }
  const Source& last = sources.back();
  const TextPosition where = last.document->position_of(last.base + std::string(pointer));
  return {last.file, where.line, where.column};
}

std::string Suite::folder() const {
  return std::filesystem::path(file).parent_path().filename().string();
}

void SuiteReading::add_mistake(FilePlace place, std::string text) {
  mistakes_.push_back({std::move(place), std::move(text)});
}

std::string SuiteReading::resolve(const std::string& name) const {
  return (std::filesystem::path(file_).parent_path() / name).lexically_normal().string();
}

const SuiteReading::NamedFile* SuiteReading::read_file(const DocumentValue& value) {
  std::string name;
  read_text(value, name);
  if (name.empty()) return nullptr;
  std::string path = resolve(name);
  const auto [found, is_new] = named_files_.try_emplace(path);
  std::optional<NamedFile>& file = found->second;
  if (!is_new && !file)
    value.add_mistake(fmt::format("{}: cannot be used, as said elsewhere", path));
  if (!is_new) return file ? &*file : nullptr;

  read_files_.push_back(path);
  const auto text = read_text_file(path);
  if (!text) {
    value.add_mistake(fmt::format("{}: {}", path, text.error().message));
    return nullptr;
  }
  auto documents = parse_yaml(*text);
  if (!documents) {
    std::string message = documents.error().message;
    const TextPosition where = take_position(message);
    add_mistake({path, where.line, where.column}, std::move(message));
    return nullptr;
  }
  file.emplace().path = std::move(path);
  for (YamlDocument& document : *documents) {
    file->documents.push_back(std::make_shared<const YamlDocument>(std::move(document)));
  }
  return &*file;
}

std::optional<SourcedJson> SuiteReading::read_object_file(const DocumentValue& value) {
  const NamedFile* file = read_file(value);
  if (file == nullptr) return std::nullopt;
  if (file->documents.size() != 1) {
    value.add_mistake(
        fmt::format("{}: expected one document, found {}", file->path, file->documents.size()));
    return std::nullopt;
  }
  SourcedJson object;
  object.value = nlohmann::json::parse(file->documents.front()->json);
  object.sources = {{file->path, file->documents.front(), ""}};
  if (!object.value.is_object()) {
    add_mistake(find_place(object.sources, ""), "expected a map");
    return std::nullopt;
  }
  return object;
}

std::optional<Pattern> SuiteReading::read_pattern(const DocumentValue& value) {
  std::string text;
  read_text(value, text);
  if (text.empty()) return std::nullopt;
  auto& expression = patterns_[text];
  if (!expression) {
    try {
      expression = std::make_shared<const std::regex>(text);
    } catch (const std::regex_error& error) {
      value.add_mistake(fmt::format("expected a regular expression, found {} ({})",
                                    value.describe_found(), error.what()));
      return std::nullopt;
    }
  }
  return Pattern{std::move(text), expression};
}

std::vector<std::string> SuiteReading::describe_mistakes() const {
  std::vector<Mistake> all = mistakes_;
  for (const DocumentMistake& mistake : result_.mistakes) {
    all.push_back({{file_, mistake.line, mistake.column},
                   (mistake.path.empty() ? "" : mistake.path + ": ") + mistake.message});
  }
  std::sort(all.begin(), all.end(), [this](const Mistake& left, const Mistake& right) {
    const auto key = [this](const Mistake& one) {
      return std::tuple(one.place.file != file_, one.place.file, one.place.line, one.place.column,
                        one.text);
    };
    return key(left) < key(right);
  });
  std::vector<std::string> lines;
  for (const Mistake& mistake : all) {
    std::string line = fmt::format("{}: {}", mistake.place.text(), mistake.text);
    if (lines.empty() || lines.back() != line) lines.push_back(std::move(line));
  }
  return lines;
}

void read_text(const DocumentValue& value, std::string& out) {
  value.read_checked(out, [](std::string_view text) { return !text.empty(); }, "a text");
}

std::optional<nlohmann::json> read_map(const DocumentValue& value) {
  if (value.json().is_object()) return value.json();
  value.add_mistake(fmt::format("expected a map, found {}", value.describe_found()));
  return std::nullopt;
}

void expect_key(const DocumentValue& map, const std::string& key, std::string_view what) {
  if (!map.json().is_object() || map.find(key)) return;
  map.add_mistake(fmt::format("expected the key {} ({}), found no such key", key, what));
}

void read_strings(const DocumentValue& value, std::map<std::string, std::string>& out) {
  value.read_entries(
      [&out](const std::string& key, const DocumentValue& text) { text.read(out[key]); });
}

}  // namespace cvm::webhook
