#include "webhook/server/file_reloader.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "webhook/formats/text_file.hpp"

namespace cvm::webhook {

FileReloader::FileReloader(std::vector<std::string> files, Apply apply)
    : files_(std::move(files)), apply_(std::move(apply)) {}

FileReloader::Stamp FileReloader::stamp_of(const std::string& file) {
  // Longer than the steps in which any file system counts time.
  constexpr std::int64_t kSettledAfter = 2'000'000'000;
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return {};
  const auto nanoseconds = [](const timespec& time) {
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
  };
  Stamp stamp{found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size),
              nanoseconds(found.st_mtim), nanoseconds(found.st_ctim)};
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  stamp.settled = nanoseconds(now) - std::max(stamp.modified, stamp.changed) > kSettledAfter;
  return stamp;
}

bool FileReloader::Stamp::is_same_as(const Stamp& other) const {
  return settled && other.settled && device == other.device && inode == other.inode &&
         size == other.size && modified == other.modified && changed == other.changed;
}

bool FileReloader::stamps_changed() {
  std::vector<Stamp> stamps;
  stamps.reserve(files_.size());
  for (const std::string& file : files_) stamps.push_back(stamp_of(file));
  const bool same =
      std::equal(stamps.begin(), stamps.end(), stamps_.begin(), stamps_.end(),
                 [](const Stamp& one, const Stamp& other) { return one.is_same_as(other); });
  stamps_ = std::move(stamps);
  return !same;
}

FileReloader::Seen FileReloader::read() const {
  Seen seen;
  for (const std::string& file : files_) {
    auto text = read_text_file(file);
    if (!text) {
      seen.error = fmt::format("cannot read {}: {}", file, text.error().message);
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
  // A suspect is read again in any case: it is reported when it is seen a second time.
  if (!stamps_changed() && (!suspect_ || !failure_.empty())) return Event::kNothing;
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
