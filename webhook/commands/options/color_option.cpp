#include "webhook/commands/options/color_option.hpp"

#include <map>
#include <string>

namespace cvm::webhook {

void add_color_option(const Command& command, ColorChoice& color) {
  const std::map<std::string, ColorChoice> choices = {{"auto", ColorChoice::kAuto},
                                                      {"always", ColorChoice::kAlways},
                                                      {"never", ColorChoice::kNever}};
  command.choice("--color", color, "auto, always or never; default: auto", choices).takes("WHEN");
}

}  // namespace cvm::webhook
