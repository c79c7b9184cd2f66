// Objects of the API as JSON -> what a preflight keeps of them. Fields of a wrong type count as
// absent.
#pragma once

#include <simdjson.h>

#include "webhook/doctor/cluster_facts.hpp"

namespace cvm::webhook {

// Of the webhook itself, by its name or those of its entries; else nothing.
std::optional<WebhookConfiguration> read_configuration(simdjson::dom::element object,
                                                       bool mutating);
DeploymentFacts read_deployment(simdjson::dom::element object);
LimitRangeFacts read_limit_range(simdjson::dom::element object);
QuotaFacts read_quota(simdjson::dom::element object);
// Endpoints of a slice that are ready.
int count_ready(simdjson::dom::element slice);
std::vector<std::string> read_ports(simdjson::dom::element service);

ObjectName name_of(simdjson::dom::element object);
// The strings of an object: labels, amounts.
Labels strings_of(simdjson::simdjson_result<simdjson::dom::element> object);
std::vector<std::string> texts_of(simdjson::simdjson_result<simdjson::dom::element> array);

}  // namespace cvm::webhook
