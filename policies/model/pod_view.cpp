#include "policies/model/pod_view.hpp"

namespace cvm {

std::string field_path(const Container& container) {
  std::string path;
  switch (container.kind) {
    case ContainerKind::kInit:
      path = "spec.initContainers[";
      break;
    case ContainerKind::kRegular:
      path = "spec.containers[";
      break;
    case ContainerKind::kEphemeral:
      path = "spec.ephemeralContainers[";
      break;
  }
  path += std::to_string(container.index);
  path += ']';
  return path;
}

}  // namespace cvm
