// AdmissionReviews for pods of files, and what is wrong with them, at its place in the file.
#pragma once

#include <string>
#include <string_view>

#include "webhook/commands/pod_documents.hpp"

namespace cvm::webhook {

// The value of metadata.name and the like; empty where there is none.
std::string metadata_string(const OrderedJson& pod, const char* key);

// The namespace that the pod would be made in.
std::string namespace_of(const OrderedJson& pod);

// The body of the call that the API server makes when `pod` is created.
std::string make_review(const OrderedJson& pod);

// `message` is the decoder's: "request.object.spec.hostNetwork: expected ...". Throws Unusable with
// the place of the field in `file`, and std::runtime_error where the message is not about the pod.
[[noreturn]] void fail_unreadable(const InputFile& file, const PodDocument& pod,
                                  std::string message);

}  // namespace cvm::webhook
