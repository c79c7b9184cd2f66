#include "policies/model/pod_view.hpp"

namespace cvm {

std::string_view to_string(Handler::Kind kind) {
  switch (kind) {
    case Handler::Kind::kNone:
      return "";
    case Handler::Kind::kExec:
      return "exec";
    case Handler::Kind::kHttpGet:
      return "httpGet";
    case Handler::Kind::kTcpSocket:
      return "tcpSocket";
    case Handler::Kind::kGrpc:
      return "grpc";
    case Handler::Kind::kSleep:
      return "sleep";
  }
  return "";
}

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
