#include "webhook/evaluation/unreadable_pod.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "webhook/formats/unusable.hpp"

namespace cvm::webhook {

void fail_unreadable(const InputFile& file, const PodDocument& pod, std::string message) {
  // How the decoder's paths begin.
  constexpr std::string_view kObjectPath = "request.object";
  constexpr std::string_view kEarlierPath = "request.oldObject";
  if (message.starts_with(kEarlierPath)) {
    throw Unusable(fmt::format("{} as it was: {}", pod.display_name(),
                               message.substr(std::min(kEarlierPath.size() + 1, message.size()))));
  }
  if (!message.starts_with(kObjectPath)) throw std::runtime_error(message);
  message.erase(0, kObjectPath.size());
  if (message.starts_with('.')) message.erase(0, 1);
  const std::string field = message.substr(0, std::min(message.find(": "), message.size()));
  throw Unusable(file.place_of_field(*pod.document, pod.base, field) + message);
}

}  // namespace cvm::webhook
