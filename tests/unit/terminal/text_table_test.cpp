#include "webhook/terminal/text_table.hpp"

#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

const std::vector<std::vector<std::string>> kRows = {
    {"RULE", "SUMMARY"}, {"node-os", "The node runs something else than Linux"}, {"x", ""}};

TEST(TextTable, IsOneLineARowForPrograms) {
  EXPECT_EQ(print_table(kRows, 0),
            "RULE      SUMMARY\n"
            "node-os   The node runs something else than Linux\n"
            "x         \n");
}

TEST(TextTable, WrapsItsLastColumnForPeople) {
  EXPECT_EQ(print_table(kRows, 36),
            "RULE      SUMMARY\n"
            "node-os   The node runs something\n"
            "          else than Linux\n"
            "x         \n");
}

TEST(TextTable, IsNotWrappedWhereThereIsNoRoomForIt) {
  EXPECT_EQ(print_table(kRows, 30), print_table(kRows, 0));
  EXPECT_EQ(print_table({}, 80), "");
}

TEST(TextTable, HasWhatDoesNotFitBelowItsRow) {
  const std::vector<std::vector<std::string>> rows = {
      {"NAME", "NODES", "KERNEL", "SELINUX", "CHANGE"},
      {"workspaces-1", "2", "6.8.0-48-generic", "off", "-"},
      {"hardened-1", "1", "5.14.0-427.el9", "on", "Sysbox does not support it; use Ubuntu nodes"}};
  EXPECT_EQ(print_table(rows, 42),
            "NAME           NODES   KERNEL\n"
            "workspaces-1   2       6.8.0-48-generic\n"
            "  SELINUX: off; CHANGE: -\n"
            "hardened-1     1       5.14.0-427.el9\n"
            "  SELINUX: on\n"
            "  CHANGE: Sysbox does not support it; use\n"
            "  Ubuntu nodes\n");
  EXPECT_EQ(print_table(rows, 5).substr(0, 40), "NAME\nworkspaces-1\n  NODES:\n  2\n  KERNEL:");
}

}  // namespace
}  // namespace cvm::webhook
