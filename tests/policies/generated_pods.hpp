// Pods of every shape.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/property/choices.hpp"

namespace cvm::testing {

class PodGenerator {
 public:
  enum class Detail {
    kPlain,
    kWorkspaces,  // containers as workspaces have them: commands, probes, all sorts of variables
  };

  // That next() makes at most, for a pod of any detail.
  static constexpr std::size_t kMostChoices = 1500;

  explicit PodGenerator(Choices& choices, Detail detail = Detail::kPlain)
      : choices_(choices), detail_(detail) {}

  // Most are admitted; some break rules.
  nlohmann::json next();

 private:
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

  Choices& choices_;
  Detail detail_;
};

}  // namespace cvm::testing
