#include "policies/mutations/wrap/bootstrap_script.hpp"

#include <algorithm>

namespace cvm {

namespace {

// The kubelet's own: of the service "kubernetes", in every container.
constexpr std::string_view kServicePrefix = "KUBERNETES_";

bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         character == '_';
}

// Calls literal(text) and reference(name) for the parts of `text`, as the kubelet reads it.
template <typename Literal, typename Reference>
void parse_references(std::string_view text, Literal&& literal, Reference&& reference) {
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    literal(text.substr(0, dollar));
    if (dollar == std::string_view::npos) return;
    text.remove_prefix(dollar);
    const std::size_t end = text.starts_with("$(") ? text.find(')') : std::string_view::npos;
    if (end != std::string_view::npos) {
      reference(text.substr(2, end - 2));
      text.remove_prefix(end + 1);
    } else {
      literal(std::string_view("$"));
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
  }
}

// Ends at each ', which single quotes cannot hold.
void append_quoted(std::string& script, std::string_view text) {
  for (std::size_t quote = text.find('\''); quote != std::string_view::npos;
       quote = text.find('\'')) {
    script.append(text.substr(0, quote)).append(R"('\'')");
    text.remove_prefix(quote + 1);
  }
  script += text;
}

}  // namespace

bool is_shell_name(std::string_view name) {
  // Those that bash lets nobody set.
  constexpr std::string_view kReadOnly[] = {"BASHOPTS", "BASH_VERSINFO", "EUID",
                                            "PPID",     "SHELLOPTS",     "UID"};
  return std::find(std::begin(kReadOnly), std::end(kReadOnly), name) == std::end(kReadOnly) &&
         !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char character) {
           return is_letter(character) || (character >= '0' && character <= '9');
         });
}

bool ShellWords::has_variable(std::string_view name) const {
  return name.starts_with(kServicePrefix) ||
         std::any_of(container_.env.begin(), container_.env.end(),
                     [name](const EnvVar& variable) { return variable.name == name; }) ||
         std::any_of(container_.env_from.begin(), container_.env_from.end(),
                     [name](const EnvFromSource& source) {
                       return !source.prefix.empty() && name.starts_with(source.prefix);
                     });
}

void ShellWords::append(std::string& script, std::string_view text) const {
  script += '\'';
  parse_references(
      text, [&script](std::string_view literal) { append_quoted(script, literal); },
      [&](std::string_view name) {
        if (has_variable(name) && is_shell_name(name)) {
          script.append(R"('"${)").append(name).append(R"(}"')");
        } else {
          append_quoted(script, "$(");
          append_quoted(script, name);
          script += ')';
        }
      });
  script += '\'';
}

void ShellWords::append_command(std::string& script,
                                std::span<const std::string_view> words) const {
  bool is_first = true;
  for (std::string_view word : words) {
    if (!is_first) script += ' ';
    is_first = false;
    append(script, word);
  }
}

std::string_view ShellWords::inexpressible_name(std::string_view text) const {
  std::string_view found;
  parse_references(
      text, [](std::string_view) {},
      [&](std::string_view name) {
        if (found.empty() && has_variable(name) && !is_shell_name(name)) found = name;
      });
  return found;
}

std::string_view ShellWords::service_name(std::string_view text) const {
  std::string_view found;
  parse_references(
      text, [](std::string_view) {},
      [&](std::string_view name) {
        const bool is_services = name.find("_SERVICE_") != std::string_view::npos ||
                                 name.find("_PORT") != std::string_view::npos;
        if (found.empty() && is_services && is_shell_name(name) && !has_variable(name)) {
          found = name;
        }
      });
  return found;
}

bool ShellWords::refers_to(std::string_view text, std::string_view name) {
  bool found = false;
  parse_references(
      text, [](std::string_view) {}, [&](std::string_view one) { found |= one == name; });
  return found;
}

std::string bootstrap_script(const Container& container, std::span<const std::size_t> exported) {
  const ShellWords words(container);
  std::string script;
  constexpr std::size_t kUsual = 200;
  script.reserve(kUsual);
  for (std::size_t position : exported) {
    const EnvVar& variable = container.env[position];
    script.append("export ").append(variable.name) += '=';
    words.append(script, variable.value);
    script += '\n';
  }
  for (const LifecycleAction& action : container.lifecycle_actions) {
    if (action.where != "lifecycle.postStart" || action.kind != LifecycleAction::Kind::kExec)
      continue;
    script += "(exec ";
    words.append_command(script, action.command);
    script += ") &\n";
  }
  if (container.command.empty()) return script;
  script += "exec ";
  words.append_command(script, container.command);
  if (!container.args.empty()) {
    script += ' ';
    words.append_command(script, container.args);
  }
  script += '\n';
  return script;
}

}  // namespace cvm
