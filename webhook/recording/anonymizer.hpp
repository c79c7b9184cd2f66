// Anonymizer: takes what is private out of an AdmissionReview and leaves what decisions depend on.
//
//   replaced   values of environment variables, words of commands after the program, values of
//              HTTP headers and of volume attributes, annotations of others, user and group names
//              but Kubernetes' own (system:...)
//   taken out  status, managedFields, last-applied-configuration, the user's uid and extra, queries
//              of paths; of the response all but the verdict and its audit annotations
//   kept       names of objects, labels, images, paths; where the name of the caller, or of whom a
//              label names (user, owner, email), is a word of one (a pod "alice-dev", /home/alice),
//              that word is replaced
//
// A person whom neither a call so far nor a label of its object named is not known as one.
//
// Stable: one text becomes the same replacement wherever one Anonymizer meets it. The key is random
// and kept nowhere, so that names cannot be found by trying.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "webhook/recording/people.hpp"

namespace cvm::webhook {

class Anonymizer {
 public:
  using Json = nlohmann::ordered_json;

  // Throws std::runtime_error when the system gives no random numbers.
  Anonymizer();
  explicit Anonymizer(std::string key) : key_(std::move(key)) {}

  // `review` has a request, a response, or both.
  void anonymize(Json& review);

 private:
  // "value-3fa29c01de"; empty for an empty text.
  std::string replacement(std::string_view kind, std::string_view text) const;
  // The same, with the references to variables, $(NAME), that the text has.
  std::string replacement_with_references(std::string_view text) const;

  void replace_user(Json& user) const;
  void replace_annotations(Json& annotations) const;
  static void keep_verdict(Json& response);
  void replace_words(Json& words, bool has_program) const;
  void replace_variables(Json& variables) const;
  void replace_members(Json& object) const;
  void replace_values(Json& value) const;
  void replace_names(Json& value) const;

  std::string key_;
  People people_;
};

}  // namespace cvm::webhook
