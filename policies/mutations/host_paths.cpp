#include "policies/mutations/host_paths.hpp"

#include <array>

#include "policies/model/json_text.hpp"

namespace cvm {

namespace {

enum class Access { kNone, kReadOnly, kReadWrite };

struct Row {
  HostPath key;
  std::string_view volume_name;
  Access plain, caching, caching_with_shiftfs;
};

constexpr std::array<Row, kHostPathCount> kTable = {{
    {HostPath::kUsrSrc, "cvm-usr-src", Access::kReadOnly, Access::kReadOnly, Access::kReadWrite},
    {HostPath::kLibModules, "cvm-lib-modules", Access::kReadOnly, Access::kReadOnly,
     Access::kReadWrite},
    {HostPath::kVarRun, "cvm-var-run", Access::kNone, Access::kReadOnly, Access::kReadOnly},
    {HostPath::kVarLib, kVarLibVolume, Access::kNone, Access::kReadWrite, Access::kReadWrite},
}};

Access access_of(const Row& row, const Settings& settings) {
  if (!settings.caching) return row.plain;
  return settings.autoload_shiftfs ? row.caching_with_shiftfs : row.caching;
}

}  // namespace

std::vector<HostPathPart> host_path_parts(const Settings& settings) {
  std::vector<HostPathPart> parts;
  for (const Row& row : kTable) {
    const Access access = access_of(row, settings);
    if (access == Access::kNone) continue;
    const HostPathSettings& chosen = settings.host_paths[static_cast<std::size_t>(row.key)];
    HostPathPart part;
    part.volume_name = row.volume_name;
    part.host_path = chosen.path;
    part.type = chosen.type;
    part.mount_path = chosen.mount_path;
    part.read_only = access == Access::kReadOnly;
    part.recursive = row.key == HostPath::kVarRun && part.read_only;
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string render_volume(const HostPathPart& part) {
  std::string json = "{";
  append_json_member(json, "name", part.volume_name);
  json += R"(,"hostPath":{)";
  append_json_member(json, "path", part.host_path);
  append_json_member(json, "type", part.type);
  json += "}}";
  return json;
}

bool is_volume_of(const HostPathPart& part, const Volume& volume) {
  return volume.name == part.volume_name && volume.source == "hostPath" &&
         volume.host_path == part.host_path && volume.host_path_type == part.type;
}

}  // namespace cvm
