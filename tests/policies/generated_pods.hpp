// Pods of every shape, made from a seed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>

namespace cvm::testing {

class PodGenerator {
 public:
  enum class Detail {
    kPlain,
    kWorkspaces,  // containers as workspaces have them: commands, probes, all sorts of variables
  };

  explicit PodGenerator(std::uint32_t seed, Detail detail = Detail::kPlain)
      : random_(seed), detail_(detail) {}

  // Most are admitted; some break rules.
  nlohmann::json next();

 private:
  bool chance(double probability);
  std::size_t below(std::size_t limit);
  std::string text();

  nlohmann::json metadata();
  nlohmann::json container(const std::string& name);
  void furnish(nlohmann::json& container);
  nlohmann::json handler();
  nlohmann::json words();
  nlohmann::json variable();
  nlohmann::json mount(std::size_t number);
  nlohmann::json containers(const char* prefix, std::size_t least);
  void furnish_pod(nlohmann::json& spec);
  nlohmann::json volumes();

  std::mt19937 random_;
  Detail detail_;
};

}  // namespace cvm::testing
