// JsonPath: where in a document a value stands, kept on the stack while reading and rendered only
// when something is wrong with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cvm::webhook {

class JsonPath {
 public:
  // The outermost name: "request".
  explicit JsonPath(std::string_view root) : key_(root) {}

  // Children refer to their parent, which must outlive them.
  JsonPath field(std::string_view key) const { return {this, Step::kField, key, 0}; }
  JsonPath item(std::size_t index) const { return {this, Step::kItem, {}, index}; }
  // An entry of a map, whose key is the user's: labels["a/b"].
  JsonPath entry(std::string_view key) const { return {this, Step::kEntry, key, 0}; }

  // "request.object.spec.containers[0].name"; keys of the user's are cut and made
  // printable.
  std::string to_string() const;

 private:
  enum class Step { kField, kItem, kEntry };

  JsonPath(const JsonPath* parent, Step step, std::string_view key, std::size_t index)
      : parent_(parent), key_(key), index_(index), step_(step) {}

  const JsonPath* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  Step step_ = Step::kField;
};

}  // namespace cvm::webhook
