// Pods of every shape, made from a seed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>

namespace cvm::testing {

class PodGenerator {
 public:
  explicit PodGenerator(std::uint32_t seed) : random_(seed) {}

  // Most are admitted; some break rules.
  nlohmann::json next();

 private:
  bool chance(double probability);
  std::size_t below(std::size_t limit);
  std::string text();

  nlohmann::json metadata();
  nlohmann::json container(const std::string& name);
  nlohmann::json containers(const char* prefix, std::size_t least);
  nlohmann::json volumes();

  std::mt19937 random_;
};

}  // namespace cvm::testing
