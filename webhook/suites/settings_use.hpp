// Which keys of the settings the cases vary.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace cvm::webhook {

class SettingsUse {
 public:
  SettingsUse();

  // `given`: settings of a case, without defaults; those of its profiles count as well.
  void add(const nlohmann::json& given);

  // "supervisor.tun": keys of the default file, in its order, that nothing gave another value.
  std::vector<std::string> not_varied() const;

 private:
  struct Key {
    std::string name;  // as the documentation writes it
    nlohmann::json::json_pointer pointer;
    nlohmann::json standard;
    bool varied = false;
  };

  void add_keys(const nlohmann::ordered_json& value, const std::string& name,
                const std::string& pointer);

  std::vector<Key> keys_;
  std::set<std::string> seen_;  // settings that were added
};

}  // namespace cvm::webhook
