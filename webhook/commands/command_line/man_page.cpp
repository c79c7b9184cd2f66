#include "webhook/commands/command_line/man_page.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kSourceWidth = 72;  // of the source; what reads it fills its own lines

// Text that roff takes as it stands.
std::string escape(std::string_view text) {
  std::string out;
  bool is_start = true;
  for (const char c : text) {
    // A control line begins with one of these.
    if (is_start && (c == '.' || c == '\'')) out += "\\&";
    is_start = c == '\n';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", escape(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", escape(text)); }

std::string_view take_paragraph(std::string_view& text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  const std::string_view paragraph = text.substr(0, end);
  text.remove_prefix(end);
  return paragraph;
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// Indented lines stand as they are.
std::string print_paragraph(std::string_view text) {
  if (text.starts_with("  ")) {
    std::string lines;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines +=
          escape(text.substr(std::min<std::size_t>(2, end), end - std::min<std::size_t>(2, end)));
      lines += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return fmt::format(".PP\n.RS 4\n.nf\n{}.fi\n.RE\n", lines);
  }
  return ".PP\n" + escape(wrap_text(one_line(text), kSourceWidth, 0));
}

std::string print_text(std::string_view text) {
  constexpr std::string_view kExamples = "Examples:\n";
  std::string out;
  while (!text.empty()) {
    std::string_view paragraph = take_paragraph(text);
    if (paragraph.starts_with(kExamples)) {
      out += ".PP\nExamples:\n";
      paragraph.remove_prefix(kExamples.size());
    }
    if (!paragraph.empty()) out += print_paragraph(paragraph);
  }
  return out;
}

std::string name_of(const CLI::Option& option) {
  std::string names;
  const auto add = [&](const std::string& name) {
    names.append(names.empty() ? "" : ", ").append(bold(name));
  };
  for (const std::string& name : option.get_snames()) add("-" + name);
  for (const std::string& name : option.get_lnames()) add("--" + name);
  if (names.empty()) return italic(option.get_name(true));
  if (option.get_items_expected_max() > 0 && !option.get_type_name().empty()) {
    names += " " + italic(option.get_type_name());
  }
  return names;
}

// Also those of the groups below the command.
std::string print_options(CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;
    std::string text = option->get_description();
    if (const std::string value = option->get_default_str(); !value.empty()) {
      text += fmt::format(" (default: {})", value);
    }
    if (option->get_required()) text += " (required)";
    out += fmt::format(".TP\n{}\n{}", name_of(*option), escape(wrap_text(text, kSourceWidth, 0)));
  }
  for (CLI::App* group : app.get_subcommands({})) {
    if (group->get_name().empty()) out += print_options(*group);
  }
  return out;
}

std::string synopsis_of(CLI::App& app, const std::string& name) {
  std::string text = fmt::format("{} [{}]", bold(name), italic("OPTIONS"));
  for (const CLI::Option* option : app.get_options({})) {
    if (!option->get_positional()) continue;
    text += " " + italic(option->get_name(true));
    if (option->get_items_expected_max() > 1) text += "...";
  }
  return text;
}

// Commands that only hold others have no section of their own.
void print_commands(CLI::App& app, const std::string& name, std::string& out) {
  bool is_leaf = true;
  for (CLI::App* command : app.get_subcommands({})) {
    if (command->get_name().empty() || command->get_group().empty()) continue;
    is_leaf = false;
    print_commands(*command, fmt::format("{} {}", name, command->get_name()), out);
  }
  if (!is_leaf) return;
  out += fmt::format(".SS {}\n{}\n", escape(name), synopsis_of(app, name));
  out += print_text(app.get_description() + ".");
  out += print_options(app) + print_text(app.get_footer());
}

}  // namespace

std::string make_man_page(CLI::App& app, std::string_view version) {
  const std::string name = app.get_name();
  std::string commands;
  print_commands(app, name, commands);
  const std::string about = app.get_description();
  return fmt::format(
      ".TH CVM\\-WEBHOOK 1 \"\" \"{}\" \"User Commands\"\n.SH NAME\ncvm\\-webhook \\- {}\n.SH "
      "SYNOPSIS\n{} {} [{}]\n.SH DESCRIPTION\n{}.\n{}.SH COMMANDS\n{}",
      escape(std::string("cvm-webhook ").append(version)), escape(about), bold(name),
      italic("COMMAND"), italic("OPTIONS"), escape(about), print_text(app.get_footer()), commands);
}

}  // namespace cvm::webhook
