#include "webhook/commands/text_table.hpp"

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

}  // namespace
}  // namespace cvm::webhook
