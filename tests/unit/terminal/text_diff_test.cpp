#include "webhook/terminal/text_diff.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace cvm::webhook {
namespace {

TEST(UnifiedDiff, IsEmptyForEqualTexts) {
  EXPECT_EQ(unified_diff("", ""), "");
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n"), "");
}

TEST(UnifiedDiff, ShowsThreeLinesAroundAChange) {
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, NamesTheLineBeforeAnEmptyRange) {
  EXPECT_EQ(unified_diff("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
  EXPECT_EQ(unified_diff("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
}

TEST(UnifiedDiff, JoinsHunksWhoseContextsTouch) {
  // Six equal lines between two changes are one hunk, seven are two.
  const std::string six = "1\n2\n3\n4\n5\n6\n", seven = six + "7\n";
  EXPECT_EQ(unified_diff("a\n" + six + "b\n", "A\n" + six + "B\n"),
            "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
  EXPECT_EQ(unified_diff("a\n" + seven + "b\n", "A\n" + seven + "B\n"),
            "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

// Applies a diff, checking each context and removed line and each hunk's numbers.
std::string apply_diff(const std::vector<std::string>& before, const std::string& diff) {
  std::string out;
  std::size_t at = 0, written = 0;
  std::istringstream lines(diff);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@@")) {
      std::size_t start = 0, count = 0, new_start = 0, new_count = 0;
      EXPECT_EQ(std::sscanf(line.c_str(), "@@ -%zu,%zu +%zu,%zu @@", &start, &count, &new_start,
                            &new_count),
                4);
      for (const std::size_t end = count == 0 ? start : start - 1; at < end; ++at, ++written) {
        out += before[at] + "\n";
      }
      EXPECT_EQ(written, new_count == 0 ? new_start : new_start - 1);
      continue;
    }
    if (line[0] != '+') {
      EXPECT_EQ(line.substr(1), before.at(at));
      ++at;
    }
    if (line[0] != '-') {
      out += line.substr(1) + "\n";
      ++written;
    }
  }
  for (; at < before.size(); ++at) out += before[at] + "\n";
  return out;
}

TEST(UnifiedDiff, AppliesToTheFirstTextAndGivesTheSecond) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> before;
    std::string before_text, after_text;
    const unsigned length = random() % 40;
    for (unsigned i = 0; i < length; ++i) {
      before.push_back(std::string(1, static_cast<char>('a' + random() % 5)));
      before_text += before.back() + "\n";
      const unsigned fate = random() % 8;
      if (fate != 0) after_text += before.back() + "\n";
      if (fate == 1) after_text += "new\n";
    }
    EXPECT_EQ(apply_diff(before, unified_diff(before_text, after_text)), after_text) << before_text;
  }
}

TEST(UnifiedDiff, ReplacesTextsThatAreTooLargeToCompare) {
  std::string before, after;
  for (int i = 0; i < 5000; ++i) {
    before += "b\n";
    after += "a\n";
  }
  EXPECT_TRUE(unified_diff(before, after).starts_with("@@ -1,5000 +1,5000 @@\n-b\n"));
}

// A text of lines of the same few words, and a diff of it with the words in another order.
TEST(UnifiedDiff, AppliesHoweverMuchTextsDiffer) {
  std::mt19937 random(2);
  for (const unsigned words : {2U, 1'000'000U}) {
    for (const std::size_t lines : {1000U, 3900U}) {
      std::vector<std::string> before;
      std::string before_text, after_text;
      for (std::size_t i = 0; i < lines; ++i) {
        before.push_back(std::to_string(random() % words));
        before_text += before.back() + "\n";
        if (i % 7 != 0) after_text += std::to_string(random() % words) + "\n";
      }
      const std::string there = unified_diff(before_text, after_text);
      EXPECT_EQ(apply_diff(before, there), after_text);
    }
  }
}

TEST(UnifiedDiff, ShowsOneChangeInALargeText) {
  std::string before, after;
  for (int i = 0; i < 3900; ++i) {
    before += std::to_string(i) + "\n";
    after += i == 2000 ? "new\n" : std::to_string(i) + "\n";
  }
  EXPECT_EQ(unified_diff(before, after),
            "@@ -1998,7 +1998,7 @@\n 1997\n 1998\n 1999\n-2000\n+new\n 2001\n 2002\n 2003\n");
}

}  // namespace
}  // namespace cvm::webhook
