// What may come next on a command line: the work behind `completion`, for every shell.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace cvm::webhook {

struct Candidate {
  std::string text;
  std::string description;  // one line; may be empty
};

struct Completion {
  std::vector<Candidate> candidates;  // all begin with the last word
  bool files = false;                 // names of files fit as well
};

// `words`: what stands after the program's name, up to the word that is typed, which may be empty.
// Whatever a command or an option takes is found in the tree below `app`.
Completion complete(CLI::App& app, const std::vector<std::string>& words);

// As cobra's programs print it, which is what kubectl asks its plugins for: a candidate a line,
// with a tab before its description, and at the end ":0" where files fit, else ":4".
std::string print_completion(const Completion& completion);

}  // namespace cvm::webhook
