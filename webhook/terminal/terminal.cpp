#include "webhook/terminal/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace cvm::webhook {

bool use_colors(ColorChoice choice) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term != nullptr && std::string_view(term) == "dumb") return false;
  return isatty(STDOUT_FILENO) == 1;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::size_t text_width() {
  constexpr std::size_t kWidest = 100, kNarrowest = 20;
  const std::size_t width = terminal_width();
  return width > 0 ? std::clamp(width, kNarrowest, kWidest) : kWidest;
}

std::string printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte != 0x7f) {
      out += c;
    } else {
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
  }
  return out;
}

std::string paint_diff(std::string_view diff, const Painter& painter, std::size_t indent) {
  std::string out;
  while (!diff.empty()) {
    const std::size_t end = diff.find('\n');
    const std::string_view line = diff.substr(0, end);
    switch (line.size() > indent ? line[indent] : ' ') {
      case '+':
        out += painter.green(line);
        break;
      case '-':
        out += painter.red(line);
        break;
      case '@':
        out += painter.cyan(line);
        break;
      default:
        out += line;
    }
    out += '\n';
    diff.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace cvm::webhook
