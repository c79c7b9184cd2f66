#include "tests/property/property.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>

namespace cvm::testing {

namespace {

using Numbers = std::vector<std::uint32_t>;

constexpr const char* kFixedParams = "seed=20240611";
// Of one failure: a case can take long, and the first hundreds take off most.
constexpr int kMostShrinks = 5000;

struct Recipe {
  Numbers numbers;
  bool is_shrunk = false;
  std::shared_ptr<int> shrinks_left = {};  // of all that were made of one
};

std::ostream& operator<<(std::ostream& out, const Recipe& recipe) {
  return out << recipe.numbers.size() << " choices";
}

// Simpler recipes, the simplest first: without what comes last, without a part, with a part of
// zeros, and with smaller numbers.
class SimplerRecipes {
 public:
  explicit SimplerRecipes(Recipe recipe)
      : recipe_(std::move(recipe)), size_(recipe_.numbers.size()) {}

  rc::Maybe<Recipe> operator()() {
    while (size_ > 0 && *recipe_.shrinks_left > 0) {
      Numbers numbers = recipe_.numbers;
      if (!take_step(numbers)) continue;
      --*recipe_.shrinks_left;
      return Recipe{std::move(numbers), true, recipe_.shrinks_left};
    }
    return rc::Nothing;
  }

 private:
  enum class Step { kCut, kRemove, kClear, kReduce };

  // Whether it made something else of `numbers`.
  bool take_step(Numbers& numbers) {
    switch (step_) {
      case Step::kCut:
        return cut(numbers);
      case Step::kRemove:
      case Step::kClear:
        return change_part(numbers);
      case Step::kReduce:
        return reduce(numbers);
    }
    return false;
  }

  void begin(Step step) {
    step_ = step;
    at_ = 0;
    size_ = std::max<std::size_t>(1, recipe_.numbers.size() / 2);
  }

  // Keeps nothing, a half, three quarters and so on.
  bool cut(Numbers& numbers) {
    numbers.resize(numbers.size() - size_);
    size_ /= 2;
    if (size_ == 0) begin(Step::kRemove);
    return true;
  }

  bool change_part(Numbers& numbers) {
    const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(size_, numbers.size() - at_));
    bool is_change = true;
    if (step_ == Step::kRemove) {
      numbers.erase(first, last);
    } else {
      is_change = std::any_of(first, last, [](std::uint32_t number) { return number != 0; });
      std::fill(first, last, 0);
    }
    at_ += size_;
    if (at_ < recipe_.numbers.size()) return is_change;
    at_ = 0;
    size_ /= 2;
    if (size_ == 0) begin(step_ == Step::kRemove ? Step::kClear : Step::kReduce);
    return is_change;
  }

  // To a half, three quarters and so on of what it is.
  bool reduce(Numbers& numbers) {
    constexpr unsigned kMostHalves = 16;
    std::uint32_t& number = numbers[at_];
    const std::uint32_t less = number >> ++halves_;
    if (halves_ == kMostHalves || less == 0) {
      halves_ = 0;
      if (++at_ == numbers.size()) size_ = 0;
    }
    number -= less;
    return less != 0;
  }

  Recipe recipe_;
  Step step_ = Step::kCut;
  std::size_t at_ = 0, size_;
  unsigned halves_ = 0;
};

rc::Gen<Recipe> recipes(std::size_t choices) {
  return [choices](const rc::Random& random, int) {
    std::mt19937 engine(static_cast<std::uint32_t>(rc::Random(random).next()));
    Numbers numbers(choices);
    for (std::uint32_t& number : numbers) number = static_cast<std::uint32_t>(engine());
    return rc::shrinkable::shrinkRecur(
        Recipe{std::move(numbers), false, std::make_shared<int>(kMostShrinks)},
        [](const Recipe& recipe) { return rc::makeSeq<SimplerRecipes>(recipe); });
  };
}

// What gtest would have said of it; nothing where all assertions hold.
std::string failures_of(const std::function<void(Choices&)>& holds, Choices& choices) {
  ::testing::TestPartResultArray results;
  std::ostringstream text;
  try {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    holds(choices);
  } catch (const std::exception& error) {
    text << "thrown: " << error.what() << "\n";
  }
  for (int i = 0; i < results.size(); ++i) {
    const ::testing::TestPartResult& result = results.GetTestPartResult(i);
    if (!result.failed()) continue;
    text << result.file_name() << ":" << result.line_number() << ": " << result.message() << "\n";
  }
  return text.str();
}

void check_case(const Recipe& recipe, const std::function<void(Choices&)>& holds) {
  Choices choices(recipe.numbers);
  if (failures_of(holds, choices).empty()) {
    if (choices.ran_out() && !recipe.is_shrunk) RC_FAIL("PropertyScale::choices is too small");
    return;
  }
  Choices again(recipe.numbers);
  again.collect_explanation();
  const std::string failures = failures_of(holds, again);
  RC_FAIL(failures + again.explanation());
}

rc::detail::TestParams params_of(const PropertyScale& scale) {
  static const std::string given = [] {
    const char* text = std::getenv("RC_PARAMS");
    return std::string(text == nullptr ? "" : text);
  }();
  // Else rapidcheck takes another seed in each run.
  if (given.empty()) setenv("RC_PARAMS", kFixedParams, 1);
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  if (given.find("max_success") == std::string::npos) {
    params.maxSuccess = static_cast<int>(scale.cases);
  }
  return params;
}

}  // namespace

void check_property(const PropertyScale& scale, const std::function<void(Choices&)>& holds) {
  rc::detail::TestMetadata metadata;
  metadata.description = "property";
  const auto result = rc::detail::checkTestable([&] { check_case(*recipes(scale.choices), holds); },
                                                metadata, params_of(scale));
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  ADD_FAILURE() << text.str();
}

}  // namespace cvm::testing
