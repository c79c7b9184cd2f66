// A cluster on which every check passes, made of the shipped manifests, for tests that break it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "webhook/doctor/doctor.hpp"

namespace cvm::webhook {

class TestCluster {
 public:
  using Json = nlohmann::json;

  TestCluster();

  static certs::TimePoint now();
  static std::string base64(const std::string& text);

  // The first object of a kind, or that of a name.
  Json& one(const std::string& kind, const std::string& name = "");
  void add(Json object) { objects_.push_back(std::move(object)); }
  // No object of the kind is there; `known`: and that is known.
  void remove(const std::string& kind, bool known = false);
  // Calls change(webhook) for every entry of both configurations.
  template <typename Change>
  void change_webhooks(Change&& change) {
    for (Json& object : objects_) {
      if (!object.contains("webhooks")) continue;
      for (Json& webhook : object["webhooks"]) change(webhook);
    }
  }

  // What the checks read; `certificate`: is seen.
  ClusterFacts facts() const;
  // The findings of a check by its id. `settings`: keys over the defaults, as YAML; empty: those of
  // the ConfigMap.
  Findings run(const std::string& id, const std::string& settings = "") const;
  Findings run_on(const ClusterFacts& facts, const std::string& id,
                  const std::string& settings = "") const;

  std::string ca_pem, ca_key_pem, serving_pem;

 private:
  std::vector<Json> objects_;
  std::vector<std::string> known_;
};

// "warn: message", each.
std::vector<std::string> texts(const Findings& findings);

}  // namespace cvm::webhook
