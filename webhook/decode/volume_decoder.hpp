// A volume of a pod -> Volume.
#pragma once

#include <string_view>

#include "policies/model/pod_view.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

using HostPathSource = PartOf<Volume, struct HostPathSection>;
using ClaimSource = PartOf<Volume, struct ClaimSection>;
using NfsSource = PartOf<Volume, struct NfsSection>;
using CsiSource = PartOf<Volume, struct CsiSection>;

template <>
struct JsonSchema<HostPathSource> {
  static constexpr JsonField<HostPathSource> kFields[] = {
      {"path", read_flat<&Volume::host_path>},
      {"type", read_flat<&Volume::host_path_type>},
  };
};

inline bool read_host_path(JsonReader& reader, JsonValue value, const JsonPath& path, Volume& out) {
  out.source = "hostPath";
  HostPathSource source{out};
  return reader.read_object(value, path, source);
}

template <>
struct JsonSchema<ClaimSource> {
  static constexpr JsonField<ClaimSource> kFields[] = {
      {"claimName", read_flat<&Volume::claim_name>},
      {"readOnly", read_flat<&Volume::read_only>},
  };
};

template <>
struct JsonSchema<CsiSource> {
  static constexpr JsonField<CsiSource> kFields[] = {
      {"driver", read_flat<&Volume::csi_driver>},
      {"readOnly", read_flat<&Volume::read_only>},
  };
};

template <>
struct JsonSchema<NfsSource> {
  static constexpr JsonField<NfsSource> kFields[] = {{"readOnly", read_flat<&Volume::read_only>}};
};

// A source of which more is read than its name. The first that is there counts, but for hostPath.
template <typename Source>
bool read_source(std::string_view key, JsonReader& reader, JsonValue value, const JsonPath& path,
                 Volume& out) {
  if (out.source.empty()) out.source = key;
  Source source{out};
  return reader.read_object(value, path, source);
}

template <>
struct JsonSchema<Volume> {
  static constexpr JsonField<Volume> kFields[] = {
      {"name", read_member<&Volume::name>},
      {"hostPath", read_host_path},
      {"persistentVolumeClaim",
       [](JsonReader& reader, JsonValue value, const JsonPath& path, Volume& out) {
         return read_source<ClaimSource>("persistentVolumeClaim", reader, value, path, out);
       }},
      {"nfs", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                 Volume& out) { return read_source<NfsSource>("nfs", reader, value, path, out); }},
      {"csi", [](JsonReader& reader, JsonValue value, const JsonPath& path,
                 Volume& out) { return read_source<CsiSource>("csi", reader, value, path, out); }},
  };
  // Any other field is the volume's source. With two, which the API server refuses later, hostPath
  // counts.
  static void other(std::string_view key, JsonValue, Volume& out) {
    if (out.source.empty()) out.source = key;
  }
};

}  // namespace cvm::webhook
