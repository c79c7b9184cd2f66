// Colours and lines, where a person reads them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cvm::webhook {

enum class ColorChoice { kAuto, kAlways, kNever };

// kAuto: when the standard output is a terminal, TERM is not "dumb" and NO_COLOR is not set
// (no-color.org). kAlways wins over NO_COLOR, as a flag is the nearer wish.
bool use_colors(ColorChoice choice);

// The columns of the terminal that is the standard output; 0 when it is none.
std::size_t terminal_width();

// The columns of the terminal that is the standard output, but no more than 100, which are as many
// when it is none: longer lines are hard to read.
std::size_t text_width();

// The text without control characters, which a terminal would obey: "\\x1b" in their place.
std::string printable(std::string_view text);

class Painter {
 public:
  explicit Painter(bool enabled) : enabled_(enabled) {}

  std::string bold_green(std::string_view text) const { return paint("1;32", text); }
  std::string bold_red(std::string_view text) const { return paint("1;31", text); }
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string red(std::string_view text) const { return paint("31", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }
  std::string cyan(std::string_view text) const { return paint("36", text); }
  std::string bold(std::string_view text) const { return paint("1", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    if (!enabled_) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }

  bool enabled_;
};

// A unified diff, its lines coloured by their marks. `indent`: spaces before each mark.
std::string paint_diff(std::string_view diff, const Painter& painter, std::size_t indent = 0);

}  // namespace cvm::webhook
