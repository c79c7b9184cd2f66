// completion: the script by which a shell completes command lines of cvm-webhook.
//
// The scripts know nothing of the commands: they ask the program itself (`cvm-webhook __complete`),
// so that one that is sourced from a file fits the version that is installed.
#include <iostream>
#include <memory>
#include <string>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kCompletionExamples = R"(
Completes commands, options, the words that options take, names of files and ids of rules. For
`kubectl cvm`, kubectl asks the program kubectl_complete-cvm, which is installed with this one.

Examples:
  # in ~/.bashrc, ~/.zshrc (after compinit)
  source <(cvm-webhook completion bash)
  source <(cvm-webhook completion zsh)
  # fish
  cvm-webhook completion fish > ~/.config/fish/completions/cvm-webhook.fish)";

constexpr const char* kBash = R"(# bash completion of cvm-webhook
_cvm_webhook() {
  local cur=${COMP_WORDS[COMP_CWORD]} line files=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :0) files=1 ;;
      :*) ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ -n $files ]]; then
    [[ $cur != = ]] || cur=
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
  fi
}
complete -F _cvm_webhook cvm-webhook kubectl-cvm
)";

constexpr const char* kZsh = R"(#compdef cvm-webhook kubectl-cvm
_cvm_webhook() {
  local line directive
  local -a found
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :*) directive=$line ;;
      *$'\t'*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      ?*) found+=("${line//:/\\:}") ;;
    esac
  done
  (( $#found )) && _describe cvm-webhook found
  if [[ $directive == :0 ]]; then
    compset -P '--*='
    _files
  fi
}
if [[ $funcstack[1] == _cvm_webhook ]]; then
  _cvm_webhook
else
  compdef _cvm_webhook cvm-webhook kubectl-cvm
fi
)";

constexpr const char* kFish = R"(# fish completion of cvm-webhook
function __cvm_webhook_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines ($words[1] __complete $words[2..-1] 2>/dev/null)
  for line in $lines
    string match -q ':*' -- $line; or echo $line
  end
  if contains -- :0 $lines
    set -l option (string match -r -- '^--[^=]*=' $words[-1])
    for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $words[-1]))
      echo "$option$path"
    end
  end
end
complete -c cvm-webhook -f -a '(__cvm_webhook_complete)'
complete -c kubectl-cvm -f -a '(__cvm_webhook_complete)'
)";

}  // namespace

void add_completion_command(const Command& program) {
  auto shell = std::make_shared<std::string>();
  const Command completion =
      program.add_command("completion", "Print what makes a shell complete command lines");
  completion.footer(kCompletionExamples);
  completion.option("SHELL", *shell, "bash, zsh or fish")
      .one_of({"bash", "zsh", "fish"})
      .takes("")
      .required();
  completion.runs([shell] {
    std::cout << (*shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish);
    return kExitOk;
  });
}

}  // namespace cvm::webhook
