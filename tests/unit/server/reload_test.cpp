// What is read from files and taken into use while serving.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "policies/nodes/node_store.hpp"
#include "webhook/server/file_reloader.hpp"
#include "webhook/server/node_source.hpp"
#include "webhook/server/snapshot_keeper.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FileReloaderTest : public testing::Test {
 protected:
  FileReloaderTest() : directory(testing::TempDir() + "/reload." + std::to_string(getpid())) {
    fs::create_directory(directory);
    write("one", "good 1");
    write("two", "good 2");
  }
  ~FileReloaderTest() override { fs::remove_all(directory); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory + "/" + name) << text;
  }

  const std::string directory;
  std::vector<FileReloader::Contents> applied;
  FileReloader reloader{{directory + "/one", directory + "/two"},
                        [this](const FileReloader::Contents& contents) -> std::optional<Error> {
                          for (const std::string& text : contents) {
                            if (text.starts_with("bad")) return Error{"found " + text};
                            if (text.starts_with("throw")) throw std::runtime_error("thrown");
                          }
                          applied.push_back(contents);
                          return std::nullopt;
                        }};
};

using Event = FileReloader::Event;

TEST_F(FileReloaderTest, AppliesContentsOnceWhenTheyChange) {
  reloader.load();
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  write("two", "good 3");
  EXPECT_EQ(reloader.poll(), Event::kReloaded);
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  EXPECT_THAT(applied, testing::ElementsAre(testing::ElementsAre("good 1", "good 2"),
                                            testing::ElementsAre("good 1", "good 3")));
}

TEST_F(FileReloaderTest, SeesTheSwapOfASymbolicLinkAsAVolumeDoesIt) {
  fs::create_directories(directory + "/v1");
  fs::create_directories(directory + "/v2");
  write("v1/settings", "good a");
  write("v2/settings", "good b");
  fs::create_symlink("v1", directory + "/..data");
  fs::create_symlink("..data/settings", directory + "/settings");
  FileReloader volume({directory + "/settings"},
                      [this](const FileReloader::Contents& contents) -> std::optional<Error> {
                        applied.push_back(contents);
                        return std::nullopt;
                      });
  volume.load();
  // Old enough that an unchanged file would not be read again.
  const auto past = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(directory + "/v1/settings", past);
  fs::last_write_time(directory + "/v2/settings", past);
  EXPECT_EQ(volume.poll(), Event::kNothing);
  fs::create_symlink("v2", directory + "/..tmp");
  fs::rename(directory + "/..tmp", directory + "/..data");
  EXPECT_EQ(volume.poll(), Event::kReloaded);
  EXPECT_EQ(applied.back().front(), "good b");
}

TEST_F(FileReloaderTest, ReportsBadContentsOnceAtSecondSight) {
  reloader.load();
  write("one", "bad");
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  EXPECT_EQ(reloader.failure(), "");
  EXPECT_EQ(reloader.poll(), Event::kFailed);
  EXPECT_EQ(reloader.failure(), "found bad");
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  EXPECT_EQ(reloader.failure(), "found bad");
  EXPECT_EQ(applied.size(), 1U);
  write("one", "good 4");
  EXPECT_EQ(reloader.poll(), Event::kReloaded);
  EXPECT_EQ(reloader.failure(), "");
}

TEST_F(FileReloaderTest, KeepsSilentAboutFilesBetweenTwoWrites) {
  reloader.load();
  write("one", "bad for a moment");
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  write("one", "good 5");
  EXPECT_EQ(reloader.poll(), Event::kReloaded);
}

TEST_F(FileReloaderTest, ForgetsAFailureWhenTheOldContentsAreBack) {
  reloader.load();
  write("one", "throw");
  reloader.poll();
  EXPECT_EQ(reloader.poll(), Event::kFailed);
  EXPECT_EQ(reloader.failure(), "thrown");
  write("one", "good 1");
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  EXPECT_EQ(reloader.failure(), "");
}

TEST_F(FileReloaderTest, KeepsWhatIsInUseWhenAFileIsGone) {
  reloader.load();
  fs::remove(directory + "/two");
  reloader.poll();
  EXPECT_EQ(reloader.poll(), Event::kFailed);
  EXPECT_THAT(reloader.failure(), HasSubstr("/two"));
  write("two", "good 2");
  EXPECT_EQ(reloader.poll(), Event::kNothing);
  EXPECT_EQ(reloader.failure(), "");
}

TEST_F(FileReloaderTest, ThrowsWhenTheFirstContentsAreBad) {
  write("one", "bad");
  EXPECT_THROW(reloader.load(), std::runtime_error);
  fs::remove(directory + "/one");
  EXPECT_THROW(reloader.load(), std::runtime_error);
}

NodeFacts node(const std::string& name) {
  NodeFacts facts;
  facts.name = name;
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  facts.kernel_version = "6.8.0-48-generic";
  facts.os_image = "Ubuntu 22.04.5 LTS";
  return facts;
}

const auto kReloaded = std::chrono::steady_clock::now();

TEST(SnapshotKeeper, PublishesEveryChange) {
  std::vector<std::shared_ptr<const Snapshot>> published;
  SnapshotKeeper keeper(
      [&](const std::shared_ptr<const Snapshot>& snapshot) { published.push_back(snapshot); });
  Settings settings;
  keeper.use_settings(settings, kReloaded);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0]->nodes, nullptr);

  keeper.use_nodes(make_catalog({node("a"), node("b")}));
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(published[1]->nodes->size(), 2U);

  settings.runtime_class_name = "other";
  keeper.use_settings(settings, kReloaded);
  ASSERT_EQ(published.size(), 3U);
  EXPECT_EQ(published[2]->settings->runtime_class_name, "other");
  EXPECT_EQ(published[2]->nodes->size(), 2U) << "nodes outlive settings";
  EXPECT_EQ(published[1]->settings->runtime_class_name, "cvm") << "snapshots do not change";
}

TEST(SnapshotKeeper, KeepsTheSettingsBeforeTheLastChangeForAWhile) {
  SnapshotKeeper keeper([](const std::shared_ptr<const Snapshot>&) {});
  Settings settings;
  keeper.use_settings(settings, kReloaded);
  EXPECT_EQ(keeper.current()->previous, nullptr);
  settings.runtime_class_name = "second";
  keeper.use_settings(settings, kReloaded);
  settings.runtime_class_name = "third";
  keeper.use_settings(settings, kReloaded + std::chrono::seconds(1));
  keeper.use_nodes(make_catalog({node("a")}));
  ASSERT_NE(keeper.current()->previous, nullptr);
  EXPECT_EQ(keeper.current()->previous->settings->runtime_class_name, "second");
  EXPECT_EQ(keeper.current()->previous->previous, nullptr) << "one is kept, not a chain";
  keeper.forget_previous(kReloaded + SnapshotKeeper::kKeepPrevious);
  EXPECT_NE(keeper.current()->previous, nullptr);
  keeper.forget_previous(kReloaded + SnapshotKeeper::kKeepPrevious + std::chrono::seconds(1));
  EXPECT_EQ(keeper.current()->previous, nullptr);
  EXPECT_EQ(keeper.current()->settings->runtime_class_name, "third");
}

TEST(SnapshotKeeper, PublishesWhenNodesBecomeStaleAndFresh) {
  int published = 0;
  SnapshotKeeper keeper([&](const std::shared_ptr<const Snapshot>&) { ++published; });
  Settings settings;
  settings.nodes.stale_after = std::chrono::seconds(60);
  keeper.use_settings(settings, kReloaded);
  keeper.use_nodes(make_catalog({node("a")}));
  keeper.set_nodes_age(std::chrono::seconds(60));
  EXPECT_EQ(published, 2);
  keeper.set_nodes_age(std::chrono::seconds(61));
  EXPECT_TRUE(keeper.current()->nodes_stale);
  EXPECT_NE(keeper.current()->nodes, nullptr);
  keeper.set_nodes_age(std::chrono::seconds(62));
  EXPECT_EQ(published, 3);
  keeper.set_nodes_age(std::chrono::seconds(0));
  EXPECT_FALSE(keeper.current()->nodes_stale);
  EXPECT_EQ(published, 4);
}

TEST(ParseNodes, ReadsEveryDocument) {
  const auto nodes = parse_nodes(
      "kind: Node\napiVersion: v1\nmetadata: {name: a}\n---\n"
      "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"Node\","
      "\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"b\"}}]}\n");
  ASSERT_TRUE(nodes) << nodes.error().message;
  ASSERT_EQ(nodes->size(), 2U);
  EXPECT_EQ((*nodes)[0].name, "a");
  EXPECT_EQ((*nodes)[1].name, "b");
}

TEST(ParseNodes, SaysWhatIsWrong) {
  EXPECT_FALSE(parse_nodes("kind: [").has_value());
  EXPECT_FALSE(parse_nodes("kind: Pod\napiVersion: v1\n").has_value());
}

}  // namespace
}  // namespace cvm::webhook
