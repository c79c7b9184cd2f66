// The syntax of names and paths that end up in pods.
#pragma once

#include <string_view>

namespace cvm::webhook {

// A DNS subdomain, as names of RuntimeClasses are: lower case, digits, "-" and ".", at most 253.
bool is_dns_subdomain(std::string_view text);

// A label key: an optional DNS subdomain and "/", then at most 63 of A-Z a-z 0-9 "-" "_" ".".
bool is_label_key(std::string_view text);

// A label value: empty, or as the name part of a label key.
bool is_label_value(std::string_view text);

// Letters, digits, "-", "_" and ".", not beginning with a digit: what every supported Kubernetes
// takes.
bool is_env_name(std::string_view text);

// Begins with "/", has no ".." element and no ":" (which a mount path may not have).
bool is_mount_path(std::string_view text);

// A resource that a container may request: cpu, memory, ephemeral-storage, hugepages-*, or one
// with a domain.
bool is_container_resource(std::string_view text);

}  // namespace cvm::webhook
