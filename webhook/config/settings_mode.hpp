// The keys `mode` and `runtimeClassName`, which decide about each other, and what has no effect in
// mode native.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policies/model/settings.hpp"
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// What settings of the supervisor have an effect with.
inline constexpr std::string_view kSupervisedOnly = "mode: supervised";

void read_mode(const DocumentValue& value, Mode& mode);

class RuntimeClassKey {
 public:
  // `before`: the mode before the keys were read.
  // `standard`: the class before.
  RuntimeClassKey(Mode before, std::string standard)
      : before_(before), standard_(std::move(standard)) {}

  void read(const DocumentValue& value);
  // Once all keys were read: what is given is checked against the mode; where nothing is and the
  // mode changed, the class is the mode's default.
  void finish(Settings& settings) const;

 private:
  Mode before_;
  std::string standard_;
  std::optional<DocumentValue> value_;
  std::string name_;  // empty: none that could be read
};

// Notices of what `root` itself gives.
void note_unused_in_native(const DocumentValue& root, const Settings& settings);

}  // namespace cvm::webhook
