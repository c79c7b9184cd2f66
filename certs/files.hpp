// Files as the certificates need them: whole reads with a limit, and writes that others see either
// before or after, never in between.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "certs/certificate.hpp"

namespace cvm::certs {

inline constexpr mode_t kPublicFileMode = 0644;
inline constexpr mode_t kPrivateKeyFileMode = 0600;

// The whole file, of at most a megabyte. An error names the file and the reason.
Result<std::string> read_file(const std::string& path);

// Writes a temporary file beside `path` (mode 0600 until it is complete, then `mode`), syncs it and
// renames it to `path`. On an error the temporary file is gone and `path` is as it was.
Result<void> write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

}  // namespace cvm::certs
