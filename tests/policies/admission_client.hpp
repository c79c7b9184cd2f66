// The client that `cvm-webhook test` has, by the name that these tests call it.
#pragma once

#include "webhook/calls/admission_client.hpp"

namespace cvm::testing {

using webhook::AdmissionAnswer;
using webhook::AdmissionClient;

}  // namespace cvm::testing
