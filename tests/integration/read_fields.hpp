// Every field that is read of a review, and how a wrong value in it is answered: the table that the
// tests of bad input are generated from. Written from the Kubernetes API, not from the decoder.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cvm::webhook {

enum class Class {
  kEnvelope,  // HTTP 400, also when it is null or absent
  kRequired,  // a review that refuses with 400, also when it is null or absent
  kOptional,  // a review that refuses with 400; null is absent
  kItem,      // an element of a list or an entry of a map: null is the zero value
};

struct ReadField {
  // JSON pointer; "*" stands for every element or entry.
  std::string pattern;
  std::string expected;  // as the message says it
  Class answer = Class::kOptional;
  std::string expected_when_absent = expected;
};

// The table's row for a value, or null when the value is not read.
const ReadField* find_read_field(const nlohmann::json::json_pointer& pointer);

// A review in which every field of the table is there, and many that are not read.
nlohmann::json full_review();

// Where the value stands, as messages name it: request.object.spec.containers[0].name.
std::string path_of(const nlohmann::json::json_pointer& pointer);

// Every value of `document`, the root among them.
std::vector<nlohmann::json::json_pointer> all_values(const nlohmann::json& document);

}  // namespace cvm::webhook
