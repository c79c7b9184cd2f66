#include "webhook/config/settings_syntax.hpp"

#include <algorithm>

#include "policies/model/dns_name.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kLongestSubdomain = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alnum(char c) { return is_lower_alnum(c) || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kLongestSubdomain) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!has_label_form(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_label_value(std::string_view text) {
  if (text.empty()) return true;
  return text.size() <= kLongestLabel && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    if (!is_dns_subdomain(text.substr(0, slash))) return false;
    text.remove_prefix(slash + 1);
  }
  return !text.empty() && is_label_value(text);
}

bool is_env_name(std::string_view text) {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_mount_path(std::string_view text) {
  if (!text.starts_with('/') || text.find(':') != std::string_view::npos) return false;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t length = std::min(text.find('/'), text.size());
    if (text.substr(0, length) == "..") return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_container_resource(std::string_view text) {
  return text == "cpu" || text == "memory" || text == "ephemeral-storage" ||
         text.starts_with("hugepages-") ||
         (text.find('/') != std::string_view::npos && is_label_key(text));
}

}  // namespace cvm::webhook
