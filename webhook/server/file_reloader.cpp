#include "webhook/server/file_reloader.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

#include "webhook/config/text_file.hpp"

namespace cvm::webhook {

FileReloader::FileReloader(std::vector<std::string> files, Apply apply)
    : files_(std::move(files)), apply_(std::move(apply)) {}

FileReloader::Seen FileReloader::read() const {
  Seen seen;
  for (const std::string& file : files_) {
    auto text = read_text_file(file);
    if (!text) {
      seen.error = "cannot read " + file + ": " + text.error().message;
      break;
    }
    seen.contents.push_back(std::move(*text));
  }
  return seen;
}

std::optional<Error> FileReloader::apply(const Seen& seen) {
  if (!seen.error.empty()) return Error{seen.error};
  try {
    return apply_(seen.contents);
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

void FileReloader::load() {
  in_use_ = read();
  if (const auto error = apply(in_use_)) throw std::runtime_error(error->message);
}

FileReloader::Event FileReloader::poll() {
  Seen seen = read();
  if (seen == in_use_) {
    suspect_.reset();
    failure_.clear();
    return Event::kNothing;
  }
  if (suspect_ == seen) {
    if (!failure_.empty()) return Event::kNothing;
    failure_ = suspect_reason_;
    return Event::kFailed;
  }
  if (const auto error = apply(seen)) {
    suspect_ = std::move(seen);
    suspect_reason_ = error->message;
    failure_.clear();
    return Event::kNothing;
  }
  in_use_ = std::move(seen);
  suspect_.reset();
  failure_.clear();
  return Event::kReloaded;
}

}  // namespace cvm::webhook
