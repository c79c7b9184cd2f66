#include "webhook/formats/text_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace cvm::webhook {

Result<std::string> read_text_file(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return Error{"is a directory, expected a file"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  bool failed = !stream;
  std::array<char, 16 * 1024> block;
  while (!failed && !stream.eof()) {
    stream.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    failed = stream.bad();
  }
  if (failed) {
    const int cause = errno != 0 ? errno : EIO;
    return Error{fmt::format("cannot be read: {}", std::system_category().message(cause))};
  }
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

}  // namespace cvm::webhook
