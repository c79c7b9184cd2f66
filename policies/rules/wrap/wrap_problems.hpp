// What rules about placement wrap find in the workspace container, while it is not wrapped yet.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/text.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/rule.hpp"

namespace cvm {

class WrapProblems {
 public:
  // is_to_be_wrapped(context) holds.
  WrapProblems(const PodContext& context, Problems& problems)
      : context_(context), container_(context.wrapping->container()), problems_(problems) {}

 protected:
  // `container "dev" ` before the message, the container's place before the field.
  void add(const std::string& message, std::string_view field) {
    problems_.push_back({"container " + quoted(container_.name) + " " + message,
                         field_path(container_) + "." + std::string(field)});
  }

  const PodContext& context_;
  const Container& container_;
  Problems& problems_;
};

}  // namespace cvm
