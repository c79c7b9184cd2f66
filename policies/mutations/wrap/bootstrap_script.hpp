// The script that starts a workspace inside envbox: CODER_BOOTSTRAP_SCRIPT, which envbox feeds to
// `/bin/sh -s` in the inner container, as its user (envbox, cli/docker.go).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policies/model/pod_view.hpp"

namespace cvm {

// A program's environment has room for 128 KiB a variable (execve(2), MAX_ARG_STRLEN).
inline constexpr std::size_t kLongestVariable = 128UL * 1024;

// Whether a script can set a variable of that name.
bool is_shell_name(std::string_view name);

// Text in which the kubelet would expand $(NAME) (kubernetes, third_party/forked/golang/expansion),
// as one word of a shell that does the same: every byte stands for itself, but $(NAME) of a
// variable that the container has becomes "${NAME}", and $$ becomes $.
class ShellWords {
 public:
  // `container`: whose variables there are. It must outlive this.
  explicit ShellWords(const Container& container) : container_(container) {}

  void append(std::string& script, std::string_view text) const;
  // The words with a space between them.
  void append_command(std::string& script, std::span<const std::string_view> words) const;

  // A name that `text` has in $(NAME) and that no shell can have, while the container does; empty:
  // there is none.
  std::string_view inexpressible_name(std::string_view text) const;

  // A name that `text` has in $(NAME) and that the kubelet would know as a variable of a service
  // other than kubernetes ("DB_SERVICE_HOST", "DB_PORT_5432_TCP"); empty: there is none.
  std::string_view service_name(std::string_view text) const;

  // Whether `text` has $(name).
  static bool refers_to(std::string_view text, std::string_view name);

 private:
  bool has_variable(std::string_view name) const;

  const Container& container_;
};

// What runs `container`: the variables at these positions of its env exported, its postStart hook
// in the background, then its command and arguments. Empty where there is nothing of it.
std::string bootstrap_script(const Container& container, std::span<const std::size_t> exported);

}  // namespace cvm
