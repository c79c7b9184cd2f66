#include "webhook/config/settings_profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policies/model/closest_name.hpp"
#include "policies/model/text.hpp"
#include "webhook/config/settings_keys.hpp"
#include "webhook/config/settings_syntax.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::json;
using Pointer = nlohmann::json::json_pointer;
using Value = const DocumentValue&;

constexpr std::size_t kMostProfiles = 64;
constexpr std::size_t kLongestName = 63;  // of a label's value

struct ClusterKey {
  const char* key;
  const char* inner;  // in the map of that key; null: all of it
  const char* reason;
};

// What stays of the cluster.
constexpr ClusterKey kOfTheCluster[] = {
    {"apiVersion", nullptr, "is said once, at the top of the file"},
    {"kind", nullptr, "is said once, at the top of the file"},
    {"profiles", nullptr, "is no key of a profile: profiles have none of their own"},
    {"defaultProfile", nullptr, "is no key of a profile: profiles have none of their own"},
    {"enabled", nullptr,
     "switches CVMs on and off in the whole cluster; set it at the top of the file"},
    {"workspaces", nullptr,
     "says for which pods a profile is chosen at all; set it at the top of the file"},
    {"nodes", nullptr,
     "is about the cluster's nodes, which are marked once; set it at the top of the file"},
    {"compatibility", nullptr,
     "is about the cluster's nodes, whatever runs on them; set it at the top of the file"},
    {"isolation", "breakGlass",
     "names people for the whole cluster, as its admission policies know them; set it at the top "
     "of the file"},
    {"rules", "profile-choice", "holds before a profile is chosen; set it at the top of the file"},
    {"rules", "namespace-label",
     "judges namespaces, which are of no profile; set it at the top of the file"},
};

bool is_profile_name(std::string_view text) {
  return text.size() <= kLongestName && text.find('.') == std::string_view::npos &&
         is_dns_subdomain(text);
}

// Maps are joined key by key; a null is an absent value.
void lay_over(const Json& layer, Json& below) {
  for (const auto& entry : layer.items()) {
    if (entry.value().is_null()) continue;
    Json& target = below[entry.key()];
    if (entry.value().is_object() && target.is_object()) {
      lay_over(entry.value(), target);
    } else {
      target = entry.value();
    }
  }
}

Json without_cluster_keys(Json layer) {
  for (const ClusterKey& row : kOfTheCluster) {
    if (row.inner == nullptr) {
      layer.erase(row.key);
    } else if (layer.contains(row.key) && layer[row.key].is_object()) {
      layer[row.key].erase(row.inner);
    }
  }
  return layer;
}

// Of all maps, the one whose default a file's own map takes the place of: without this, a profile
// that names one request would lose the other.
void add_default_requests(Json& file) {
  Json* at = &file;
  for (const char* key : {"supervisor", "resources"}) {
    at = &(*at)[key];
    if (at->is_null()) *at = Json::object();
    if (!at->is_object()) return;
  }
  Json& requests = (*at)["requests"];
  if (requests.is_null()) requests = SupervisorSettings().requests;
}

bool changes_mode(const Json& layer, const Json& file) {
  const auto mode_of = [](const Json& settings) {
    const auto found = settings.find("mode");
    return found == settings.end() || !found->is_string() ? std::string(to_string(Settings().mode))
                                                          : found->get<std::string>();
  };
  return layer.is_object() && layer.contains("mode") && layer["mode"].is_string() &&
         mode_of(layer) != mode_of(file);
}

// The settings of one profile, with those of the file below them.
class ProfileLayer {
 public:
  ProfileLayer(Value settings, const Json& file, const YamlDocument& document)
      : settings_(settings),
        document_(document),
        layer_(without_cluster_keys(settings.json())),
        merged_(file) {
    merged_.erase("profiles");
    merged_.erase("defaultProfile");
    add_default_requests(merged_);
    // The class of one mode is of no use in the other.
    if (changes_mode(layer_, merged_)) merged_.erase("runtimeClassName");
    lay_over(layer_, merged_);
    places_.positions = moved(document.positions);
    places_.key_positions = moved(document.key_positions);
  }

  // Adds its mistakes and notices to `result`, which has those of the file.
  void read(Settings& out, SettingsResult& result) const {
    refuse_what_is_of_the_cluster();
    SettingsResult found;
    read_settings_keys(DocumentValue(merged_, places_, found), out);
    const std::size_t of_the_file = result.mistakes.size();
    for (DocumentMistake& mistake : found.mistakes) {
      const auto end = result.mistakes.begin() + static_cast<std::ptrdiff_t>(of_the_file);
      const bool is_known =
          std::any_of(result.mistakes.begin(), end, [&mistake](const DocumentMistake& other) {
            return other.path == mistake.path && other.message == mistake.message;
          });
      if (is_known && !is_own(mistake.pointer)) continue;
      add(std::move(mistake), result);
    }
    for (const std::string& notice : found.notices) {
      const auto& known = result.notices;
      if (std::find(known.begin(), known.end(), notice) == known.end())
        settings_.add_notice(notice);
    }
  }

 private:
  // Where a value of the merged text stands: in the profile, else in the file below it.
  YamlDocument::Positions moved(const YamlDocument::Positions& positions) const {
    YamlDocument::Positions places = positions;
    const std::string& prefix = settings_.pointer();
    for (auto each = positions.lower_bound(prefix);
         each != positions.end() && each->first.starts_with(prefix); ++each) {
      const std::string_view rest = std::string_view(each->first).substr(prefix.size());
      if (rest.empty() || rest.front() == '/') places[std::string(rest)] = each->second;
    }
    return places;
  }

  // A value of the profile's text; a map that only joins two is the file's as well.
  bool is_own(const std::string& pointer) const {
    const Pointer place(pointer);
    return layer_.contains(place) && !layer_.at(place).is_object();
  }

  void refuse_what_is_of_the_cluster() const {
    for (const ClusterKey& row : kOfTheCluster) {
      const auto value = settings_.find(row.key);
      if (!value) continue;
      if (row.inner == nullptr) {
        value->add_key_mistake(row.reason);
      } else if (const auto inner = value->find(row.inner)) {
        inner->add_key_mistake(row.reason);
      }
    }
  }

  // What the profile makes wrong elsewhere is told at its settings.
  void add(DocumentMistake mistake, SettingsResult& result) const {
    if (layer_.contains(Pointer(mistake.pointer))) {
      const bool is_element = mistake.path.empty() || mistake.path.starts_with('[');
      mistake.path = settings_.path() + (is_element ? "" : ".") + mistake.path;
    } else {
      const TextPosition where = document_.position_of(settings_.pointer());
      mistake.message = fmt::format("{}: {}", mistake.path, mistake.message);
      mistake.path = settings_.path();
      mistake.line = where.line;
      mistake.column = where.column;
    }
    mistake.pointer = settings_.pointer() + mistake.pointer;
    result.mistakes.push_back(std::move(mistake));
  }

  Value settings_;
  const YamlDocument& document_;
  Json layer_;   // the profile's own, as far as they are for a profile
  Json merged_;  // the file with these over it
  YamlDocument places_;
};

void read_name(Value value, const std::vector<ProfileSettings>& before, std::string& name) {
  std::string text;
  if (!value.read_checked(
          text, is_profile_name,
          "a name of at most 63 lower case letters, digits and \"-\", such as gpu")) {
    return;
  }
  for (std::size_t each = 0; each < before.size(); ++each) {
    if (before[each].name != text) continue;
    return value.add_mistake(fmt::format("profiles[{}] has the name {} already", each, text));
  }
  name = std::move(text);
}

void read_chosen_by(Value value, ProfileSettings& profile) {
  if (value.json().is_array()) profile.chosen_by_namespace = profile.chosen_by_pod = false;
  value.read_elements([&profile](Value item) {
    constexpr std::string_view kChoosers[] = {"namespace", "pod"};
    const std::size_t chosen = item.choose(kChoosers);
    if (chosen == 0) profile.chosen_by_namespace = true;
    if (chosen == 1) profile.chosen_by_pod = true;
  });
}

// Takes a key out of what a map takes. Where it has no value, it is passed over all the same.
void take_out(const std::string& key, nlohmann::ordered_json& map) {
  map["properties"].erase(key);
  map["patternProperties"][fmt::format("^{}$", key)] = {{"type", "null"}};
}

// The keys of a profile: those of a file that are not of the cluster.
void record_layer(Value settings, const YamlDocument& document) {
  SettingsResult unused;
  nlohmann::ordered_json& keys = settings.schema();
  read_settings_keys(DocumentValue::recording(keys, document, unused), unused.settings);
  for (const ClusterKey& row : kOfTheCluster) {
    if (row.inner == nullptr) {
      take_out(row.key, keys);
    } else {
      take_out(row.inner, keys["properties"][row.key]);
    }
  }
}

void read_profile(Value value, const Json& file, const YamlDocument& document,
                  SettingsResult& result) {
  ProfileSettings profile;
  std::optional<DocumentValue> settings;
  value.read_fields({
      {"name", "What the label `cvm-webhook.io/profile` asks for.",
       [&](Value v) { read_name(v, result.settings.profiles, profile.name); }},
      {"chosenBy", "Whose label may ask for it; where this is absent, the namespace's.",
       [&](Value v) { read_chosen_by(v, profile); }},
      {"settings",
       {.text = "Keys of this file but for those of the whole cluster.",
        .details = "Maps are joined with those of the file key by key; lists and words take their "
                   "place."},
       [&](Value v) {
         if (v.is_recording()) return record_layer(v, document);
         v.read_entries([](const std::string&, Value) {});  // a map
         if (v.json().is_object()) settings.emplace(v);
       }},
  });
  value.require("name", "expected a name, found none");
  if (!value.json().is_object()) return;
  if (settings) {
    ProfileLayer(*settings, file, document).read(profile.settings, result);
  } else {
    profile.settings = static_cast<const Settings&>(result.settings);
  }
  result.settings.profiles.push_back(std::move(profile));
}

void read_default(Value value, ProfiledSettings& settings) {
  std::string text;
  value.read(text);
  if (!value.json().is_string() || text.empty()) return;
  std::vector<std::string_view> names;
  for (const ProfileSettings& profile : settings.profiles) {
    if (!profile.name.empty()) names.push_back(profile.name);
  }
  if (std::find(names.begin(), names.end(), text) != names.end()) {
    settings.default_profile = std::move(text);
    return;
  }
  const std::string expected = names.empty() ? "\"\", as the file has no profiles"
                                             : fmt::format("{} or \"\"", list_words(names));
  value.add_mistake(fmt::format("expected {}, found {}{}", expected, value.describe_found(),
                                did_you_mean(text, names)));
}

}  // namespace

void read_profiles(const DocumentValue& root, const YamlDocument& document,
                   SettingsResult& result) {
  root.read_later("profiles", [&](Value profiles) {
    if (profiles.json().is_array() && profiles.json().size() > kMostProfiles) {
      profiles.add_mistake(fmt::format("expected at most {} profiles, found {}", kMostProfiles,
                                       profiles.json().size()));
      return;
    }
    profiles.defaults_to(nlohmann::ordered_json::array());
    profiles.read_elements(
        [&](Value profile) { read_profile(profile, root.json(), document, result); });
    profiles.describe({{"maxItems", kMostProfiles}});
  });
  root.read_later("defaultProfile", [&](Value name) { read_default(name, result.settings); });
}

}  // namespace cvm::webhook
