// SuiteReading: one suite file while it is read; its mistakes and the files that it names.
//
// The readers below take DocumentValue, which reads any YAML by keys. They add mistakes and go on,
// so that one pass finds every one.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/formats/document_value.hpp"
#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

// A value with the places that it was put together from.
struct SourcedJson {
  nlohmann::json value;
  Sources sources;
};

struct SourcedInput : SourcedJson {
  SuiteCase::Input kind = SuiteCase::Input::kPod;
};

class SuiteReading {
 public:
  SuiteReading(std::string file, std::shared_ptr<const YamlDocument> document)
      : file_(std::move(file)), document_(std::move(document)), read_files_{file_} {}

  DocumentReading& result() { return result_; }  // its mistakes are those of the suite's own text
  const YamlDocument& document() const { return *document_; }
  const std::string& file() const { return file_; }

  // Where `value` stands in the suite.
  Source source_of(const DocumentValue& value) const { return {file_, document_, value.pointer()}; }

  // Adds "<place>: <text>".
  void add_mistake(FilePlace place, std::string text);

  // The path of a file that the suite names, from the working directory.
  std::string resolve(const std::string& name) const;
  // The documents of a file that `value` names, or a mistake and null. Read once.
  struct NamedFile {
    std::string path;
    std::vector<std::shared_ptr<const YamlDocument>> documents;
  };
  const NamedFile* read_file(const DocumentValue& value);
  // The same for a file of one document, an object.
  std::optional<SourcedJson> read_object_file(const DocumentValue& value);

  // A regular expression, or a mistake.
  std::optional<Pattern> read_pattern(const DocumentValue& value);

  const std::vector<std::string>& read_files() const { return read_files_; }
  bool has_mistakes() const { return !mistakes_.empty() || !result_.mistakes.empty(); }
  // "<file>:<line>:<column>: ...", in the order of the suite's text, then those of other files.
  std::vector<std::string> describe_mistakes() const;

 private:
  struct Mistake {
    FilePlace place;
    std::string text;
  };

  std::string file_;
  std::shared_ptr<const YamlDocument> document_;
  DocumentReading result_;
  std::vector<Mistake> mistakes_;
  std::vector<std::string> read_files_;
  std::map<std::string, std::optional<NamedFile>> named_files_;
  std::map<std::string, std::shared_ptr<const std::regex>, std::less<>> patterns_;
};

// A string that is not empty, or a mistake.
void read_text(const DocumentValue& value, std::string& out);
// A map, or a mistake.
std::optional<nlohmann::json> read_map(const DocumentValue& value);
// A mistake where a map lacks `key`; `what` says what would stand there.
void expect_key(const DocumentValue& map, const std::string& key, std::string_view what);
// A map of strings, or a mistake.
void read_strings(const DocumentValue& value, std::map<std::string, std::string>& out);

// The pod, object or review of a suite or of a case; `base`: the suite's, for a case.
std::optional<SourcedInput> read_input(SuiteReading& reading, const DocumentValue& level,
                                       const std::optional<SourcedInput>& base);

// The calls that come after the pod's creation.
void read_connect(const DocumentValue& value, SuiteCase& one);
void read_bind(const DocumentValue& value, SuiteCase& one);
// One call is judged, and it fits the input. `level` is the case; `nodes`: its own, or null.
void check_calls(const DocumentValue& level, const SuiteCase& one, const NodeCatalog* nodes);

// "no node of the case is named x; did you mean y?", or nothing where there is one. `nodes` may be
// null.
std::string mistake_in_node_name(const std::string& name, const NodeCatalog* nodes);

// Settings and nodes, each kept once however many cases have the same.
class ClusterReader {
 public:
  ClusterReader(SuiteReading& reading, Suite& suite) : reading_(reading), suite_(suite) {}

  // Reads what the suite itself says: position 0 of the suite's settings and nodes.
  void read_suite(const DocumentValue& level);
  void read_case(const DocumentValue& level, SuiteCase& one);

 private:
  SourcedJson read_settings_json(const DocumentValue& level, const SourcedJson& base);
  std::size_t add_settings(const SourcedJson& settings);
  std::optional<std::size_t> read_nodes(const DocumentValue& level);
  void add_nodes_of(const DocumentValue& file, std::vector<NodeFacts>& nodes);
  // Adds one of the suite's own text. `key` is for mistakes; `name`: of a short form without one.
  void add_node(const DocumentValue& value, const std::string& key, const std::string& name,
                std::vector<NodeFacts>& nodes);

  SuiteReading& reading_;
  Suite& suite_;
  SourcedJson base_;
  std::map<std::string, std::size_t> settings_, nodes_;  // JSON text -> position
};

// `may_lack_files`: a file of objectIsFile need not be there.
void read_expectation(SuiteReading& reading, const DocumentValue& value, bool may_lack_files,
                      Expectation& out);

}  // namespace cvm::webhook
