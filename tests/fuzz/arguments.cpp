// Gives libFuzzer the target's dictionary and seeds, so that running the binary is enough.
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

int LLVMFuzzerInitialize(int* argc, char*** argv) {
  // libFuzzer reads both until the process ends.
  static std::string dictionary = std::string("-dict=") + CVM_FUZZ_DICTIONARY;
  static std::string seeds = CVM_FUZZ_SEEDS;
  static std::vector<char*> arguments(*argv, *argv + *argc);

  bool replays_files = false;  // a single find is run again: nothing else is to be run
  for (const char* const argument : arguments) {
    struct stat status{};
    if (argument == arguments.front() || argument[0] == '-') continue;
    replays_files |= stat(argument, &status) == 0 && S_ISREG(status.st_mode);
  }
  if (std::string_view(CVM_FUZZ_DICTIONARY).size() > 0) arguments.push_back(dictionary.data());
  if (!seeds.empty() && !replays_files) arguments.push_back(seeds.data());
  *argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  *argv = arguments.data();
  return 0;
}
