#include "webhook/commands/options/color_option.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "webhook/commands/options/choice.hpp"

namespace cvm::webhook {

void add_color_option(CLI::App& command, ColorChoice& color) {
  const std::map<std::string, ColorChoice> choices = {{"auto", ColorChoice::kAuto},
                                                      {"always", ColorChoice::kAlways},
                                                      {"never", ColorChoice::kNever}};
  command.add_option("--color", color, "auto, always or never; default: auto")
      ->transform(one_of(choices))
      ->type_name("WHEN");
}

}  // namespace cvm::webhook
