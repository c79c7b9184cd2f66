#include "policies/compatibility/kernel_version.hpp"

#include <gtest/gtest.h>

#include <string>

#include "policies/model/text.hpp"

namespace cvm {

namespace {

struct Readable {
  const char* text;
  VersionNumber number;
  const char* suffix;
};

// As distributions, clouds and kernel.org write them.
constexpr Readable kReadable[] = {
    {"5.15.0-1051-aws", {5, 15, 0}, "-1051-aws"},
    {"6.1.109-118.189.amzn2023.x86_64", {6, 1, 109}, "-118.189.amzn2023.x86_64"},
    {"5.10.226-214.879.amzn2.x86_64", {5, 10, 226}, "-214.879.amzn2.x86_64"},
    {"5.10.226-flatcar", {5, 10, 226}, "-flatcar"},
    {"4.18.0-553.el8_10.x86_64", {4, 18, 0}, "-553.el8_10.x86_64"},
    {"5.14.0-427.13.1.el9_4.x86_64", {5, 14, 0}, "-427.13.1.el9_4.x86_64"},
    {"3.10.0-1160.el7.x86_64", {3, 10, 0}, "-1160.el7.x86_64"},
    {"6.8.0-45-generic", {6, 8, 0}, "-45-generic"},
    {"5.4.0-1103-azure-fips", {5, 4, 0}, "-1103-azure-fips"},
    {"6.5.0-1022-gcp", {6, 5, 0}, "-1022-gcp"},
    {"6.6.52-talos", {6, 6, 52}, "-talos"},
    {"5.10.0-rc1", {5, 10, 0}, "-rc1"},
    {"6.9-rc3", {6, 9, 0}, "-rc3"},
    {"6.1.0-25-cloud-amd64", {6, 1, 0}, "-25-cloud-amd64"},
    {"5.15.133+", {5, 15, 133}, "+"},
    {"5.15.71+g95448dd0dc9b", {5, 15, 71}, "+g95448dd0dc9b"},
    {"5.15.153.1-microsoft-standard-WSL2", {5, 15, 153}, ".1-microsoft-standard-WSL2"},
    {"6.12.8", {6, 12, 8}, ""},
    {"6.12", {6, 12, 0}, ""},
    {"10.0.17763.1", {10, 0, 17763}, ".1"},
    {"4294967295.4294967295.4294967295", {4294967295, 4294967295, 4294967295}, ""},
};

constexpr const char* kUnreadable[] = {
    "",
    "5",
    "5.",
    "5.15.",
    "5.15.x",
    "5.15.0.",
    ".15.0",
    "v5.15.0",
    "five.fifteen",
    " 5.15.0",
    "5.15.0 -generic",
    "5.15.0-gen\neric",
    "5.15.0\t",
    "5.15.0/../..",
    "-5.15.0",
    "+5.15.0",
    "5.-15.0",
    "0x5.15.0",
    "4294967296.0.0",
    "5.4294967296.0",
    "5.15.99999999999999999999999999999999999999999",
    "latest",
    "5.15.0-\xc3\xa9",
};

}  // namespace

TEST(KernelVersion, ReadsVersionsAsTheWorldWritesThem) {
  for (const Readable& expected : kReadable) {
    SCOPED_TRACE(expected.text);
    const auto version = parse_kernel_version(expected.text);
    ASSERT_TRUE(version) << version.error().message;
    EXPECT_EQ(version->number, expected.number);
    EXPECT_EQ(version->suffix, expected.suffix);
  }
}

TEST(KernelVersion, SaysWhatWasFoundWhereItCannotRead) {
  for (const char* text : kUnreadable) {
    SCOPED_TRACE(text);
    const auto version = parse_kernel_version(text);
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().message,
              quoted(text) +
                  " is no kernel version; expected numbers and a suffix as in "
                  "5.15.0-1051-aws");
  }
}

TEST(KernelVersion, CutsEndlessTextInItsErrors) {
  const auto version = parse_kernel_version(std::string(1'000'000, '9'));
  ASSERT_FALSE(version);
  EXPECT_LT(version.error().message.size(), 200U);
}

TEST(KernelVersion, ReadsEveryPartOfAVersionOrNothing) {
  const std::string whole = "6.1.109-118.189.amzn2023.x86_64";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto version = parse_kernel_version(whole.substr(0, length));
    if (length < 3 || length == 4) {
      EXPECT_FALSE(version) << whole.substr(0, length);
    } else {
      ASSERT_TRUE(version) << whole.substr(0, length);
      EXPECT_EQ(version->number.major, 6U);
      EXPECT_EQ(version->number.minor, 1U);
    }
  }
}

TEST(KernelVersion, ComparesByNumbersAndNotByText) {
  EXPECT_LT((VersionNumber{5, 4}), (VersionNumber{5, 12}));
  EXPECT_LT((VersionNumber{5, 12, 9}), (VersionNumber{5, 12, 10}));
  EXPECT_LT((VersionNumber{5, 19, 400}), (VersionNumber{6, 0}));
}

TEST(KernelVersion, KnowsItsFlavourAsAWholeWord) {
  EXPECT_TRUE(parse_kernel_version("5.15.0-1051-aws")->has_flavour("aws"));
  EXPECT_TRUE(parse_kernel_version("5.4.0-1103-azure-fips")->has_flavour("azure"));
  EXPECT_TRUE(parse_kernel_version("6.1.109-118.189.amzn2023.x86_64")->has_flavour("amzn2023"));
  EXPECT_FALSE(parse_kernel_version("6.1.109-118.189.amzn2023.x86_64")->has_flavour("amzn2"));
  EXPECT_FALSE(parse_kernel_version("5.4.0-1078-gkeop")->has_flavour("gke"));
  EXPECT_FALSE(parse_kernel_version("5.15.0-generic")->has_flavour("aws"));
  EXPECT_FALSE(parse_kernel_version("5.15.0")->has_flavour("aws"));
}

TEST(VersionNumber, IsWrittenWithoutAPatchOfZero) {
  EXPECT_EQ(to_string(VersionNumber{5, 12}), "5.12");
  EXPECT_EQ(to_string(VersionNumber{5, 12, 3}), "5.12.3");
}

TEST(VersionNumber, LeavesTheTextAloneWhenItCannotTakeAVersion) {
  std::string_view text = "5.x";
  EXPECT_FALSE(take_version_number(text));
  EXPECT_EQ(text, "5.x");
}

}  // namespace cvm
