#include "webhook/config/settings_mode.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "webhook/config/settings_syntax.hpp"

namespace cvm::webhook {
void read_mode(const DocumentValue& value, Mode& mode) {
  value.read_choice(mode, {{"supervised", Mode::kSupervised}, {"native", Mode::kNative}});
}

void RuntimeClassKey::read(const DocumentValue& value) {
  value_.emplace(value);
  std::string name = standard_;
  if (value.read_checked(name, is_dns_subdomain, "the name of a RuntimeClass")) {
    name_ = std::move(name);
  }
}

void RuntimeClassKey::finish(Settings& settings) const {
  if (!name_.empty() && settings.mode == Mode::kSupervised && name_ == "sysbox-runc") {
    value_->add_mistake(
        "pods of the class sysbox-runc run under Sysbox, where the privileged supervisor of mode "
        "supervised cannot start; name a class whose handler is runc or crun, such as cvm, or set "
        "mode: native");
  } else if (!name_.empty()) {
    settings.runtime_class_name = name_;
  } else if (settings.mode != before_) {
    settings.runtime_class_name = default_runtime_class_name(settings.mode);
  }
}

void note_unused_in_native(const DocumentValue& root, const Settings& settings) {
  if (settings.mode != Mode::kNative || !root.json().is_object()) return;
  const Settings unset;
  const std::pair<std::string_view, bool> keys[] = {
      {"caching", settings.caching},
      {"autoloadShiftfs", settings.autoload_shiftfs},
      {"supervisor", settings.supervisor != unset.supervisor},
      {"hostPaths", settings.host_paths != unset.host_paths},
      {"network", settings.network_cidr != unset.network_cidr},
      {"gpu", !settings.gpu.allow_clouds.empty() || !settings.gpu.usr_lib_dir.empty()},
  };
  for (const auto& [key, matters] : keys) {
    if (!matters || !root.json().contains(key)) continue;
    root.add_notice(fmt::format("{}: has no effect in mode native, which has no supervisor", key));
  }
}

}  // namespace cvm::webhook
