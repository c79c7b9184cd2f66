#include "tests/property/property.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace cvm::testing {
namespace {

void expect_below_100(Choices& choices) {
  const std::size_t number = choices.below(1000);
  choices.explain([&] { return "the number " + std::to_string(number) + "!"; });
  EXPECT_LT(number, 100U);
}

TEST(Property, ShrinksACaseThatFails) {
  EXPECT_NONFATAL_FAILURE(check_property({}, expect_below_100), "the number 100!");
}

TEST(Property, ShrinksAListToTheElementThatFails) {
  const auto holds = [](Choices& choices) {
    std::string list;
    bool has_c = false;
    for (std::size_t count = choices.below(20); count > 0; --count) {
      list += choices.of(std::string("abc"));
      has_c = has_c || list.back() == 'c';
    }
    choices.explain([&] { return "the list " + list + "!"; });
    EXPECT_FALSE(has_c);
  };
  EXPECT_NONFATAL_FAILURE(check_property({}, holds), "the list c!");
}

TEST(Property, TakesAnExceptionForAFailure) {
  const auto holds = [](Choices&) { throw std::runtime_error("no such pod"); };
  EXPECT_NONFATAL_FAILURE(check_property({}, holds), "thrown: no such pod");
}

TEST(Property, RunsTheSameCasesEachTimeAndExplainsNone) {
  const auto numbers_of_cases = [] {
    std::vector<std::size_t> numbers;
    check_property({.cases = 30}, [&](Choices& choices) {
      numbers.push_back(choices.below(1'000'000));
      choices.explain([]() -> std::string { throw std::logic_error("explained"); });
    });
    return numbers;
  };
  const std::vector<std::size_t> numbers = numbers_of_cases();
  EXPECT_EQ(numbers, numbers_of_cases());
  EXPECT_GT(std::set<std::size_t>(numbers.begin(), numbers.end()).size(), numbers.size() / 2);
}

TEST(Property, IsToldOfTooFewChoices) {
  const auto holds = [](Choices& choices) {
    for (int i = 0; i < 10; ++i) choices.below(2);
  };
  EXPECT_NONFATAL_FAILURE(check_property({.choices = 9}, holds), "choices is too small");
}

TEST(Choices, AreTheSimplestWhereNumbersRunOut) {
  Choices choices({});
  EXPECT_EQ(choices.below(5), 0U);
  EXPECT_FALSE(choices.chance(0.99));
  EXPECT_EQ(choices.of(std::string("abc")), 'a');
  EXPECT_TRUE(choices.ran_out());
}

TEST(Choices, AreAsManyOfEachAsAsked) {
  double all = 0, yes = 0, ones = 0;
  check_property({.cases = 1, .choices = 20'000}, [&](Choices& choices) {
    for (int i = 0; i < 10'000; ++i) {
      ++all;
      yes += choices.chance(0.2) ? 1 : 0;
      ones += choices.below(4) == 1 ? 1 : 0;
    }
  });
  EXPECT_NEAR(yes / all, 0.2, 0.02);
  EXPECT_NEAR(ones / all, 0.25, 0.02);
}

}  // namespace
}  // namespace cvm::testing
