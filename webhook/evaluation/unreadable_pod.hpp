// What is wrong with a pod of a file, at its place there.
#pragma once

#include <string>

#include "webhook/evaluation/pod_documents.hpp"

namespace cvm::webhook {

// `message` is the decoder's: "request.object.spec.hostNetwork: expected ...". Throws Unusable with
// the place of the field in `file`, and std::runtime_error where the message is not about the
// object.
[[noreturn]] void fail_unreadable(const InputFile& file, const PodDocument& pod,
                                  std::string message);

}  // namespace cvm::webhook
