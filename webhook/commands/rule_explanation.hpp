// What `rules explain` prints of a rule, one form a function.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "policies/rules/registry.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

// Paragraphs of lines of at most `width` columns.
std::string explain_as_text(const RuleDescriptor& rule, std::size_t width, const Painter& painter);

// {"id", "default", "summary"}, and "fixed" before the last where the settings cannot set the
// action
nlohmann::ordered_json summarize_as_json(const RuleDescriptor& rule);
// ["pod-creation", ...]
nlohmann::ordered_json calls_as_json(const RuleDescriptor& rule);

// The summary's keys and "checks", "fields", "why", "fix", "calls", "settings", "sources".
nlohmann::ordered_json explain_as_json(const RuleDescriptor& rule);

}  // namespace cvm::webhook
