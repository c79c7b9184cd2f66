// Writes are seen before or after, never in between, and keys by their owner alone.
#include "certs/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace cvm::certs {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = testing::TempDir() + "cvm-files-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::size_t count_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST_F(Files, WritesWithTheModeWhateverTheUmask) {
  const mode_t old = ::umask(0);
  EXPECT_TRUE(write_file_atomically(path("key"), "secret", kPrivateKeyFileMode));
  ::umask(077);
  EXPECT_TRUE(write_file_atomically(path("crt"), "public", kPublicFileMode));
  ::umask(old);
  EXPECT_EQ(mode_of(path("key")), 0600U);
  EXPECT_EQ(mode_of(path("crt")), 0644U);
  EXPECT_EQ(read_file(path("key")).value(), "secret");
}

TEST_F(Files, OverwritingAWiderFileNarrowsItsMode) {
  std::ofstream(path("key")) << "old";
  ::chmod(path("key").c_str(), 0666);
  EXPECT_TRUE(write_file_atomically(path("key"), "new", kPrivateKeyFileMode));
  EXPECT_EQ(mode_of(path("key")), 0600U);
}

TEST_F(Files, FailedWriteLeavesNothingBehind) {
  fs::create_directory(path("taken"));
  std::ofstream(path("taken/inside")) << "x";
  const Result<void> written = write_file_atomically(path("taken"), "new", kPublicFileMode);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write " + path("taken") + ": Is a directory");
  EXPECT_EQ(count_files(), 1U);
}

TEST_F(Files, MissingDirectoryIsAnErrorThatNamesTheFile) {
  const Result<void> written = write_file_atomically(path("no/key"), "x", kPrivateKeyFileMode);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot create a file beside " + path("no/key") + ": No such file or directory");
}

TEST_F(Files, ReaderSeesOldOrNewAndNothingElse) {
  const std::string one(200'000, '1');
  const std::string two(200'000, '2');
  ASSERT_TRUE(write_file_atomically(path("file"), one, kPublicFileMode));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(write_file_atomically(path("file"), i % 2 == 0 ? two : one, kPublicFileMode));
    }
    done = true;
  });
  while (!done) {
    const std::string seen = read_file(path("file")).value();
    EXPECT_TRUE(seen == one || seen == two) << seen.size();
  }
  writer.join();
  EXPECT_EQ(count_files(), 1U);
}

TEST_F(Files, ReadsOnlyWhatIsThereAndNotTooLarge) {
  EXPECT_EQ(read_file(path("none")).error().message,
            "cannot open " + path("none") + ": No such file or directory");
  EXPECT_EQ(read_file(directory_.string()).error().message,
            "cannot read " + directory_.string() + ": Is a directory");
  std::ofstream(path("large")) << std::string((1 << 20) + 1, 'x');
  EXPECT_EQ(read_file(path("large")).error().message, path("large") + " has more than 1 MiB");
}

}  // namespace
}  // namespace cvm::certs
