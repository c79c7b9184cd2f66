// The manual page, made of the tree of commands.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}  // namespace CLI

namespace cvm::webhook {

// man(7) source: every command with its options and examples. `version` stands at the foot.
std::string make_man_page(CLI::App& app, std::string_view version);

}  // namespace cvm::webhook
