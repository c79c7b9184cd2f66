// How the program ends: what scripts and CI go by.
#pragma once

namespace cvm::webhook {

inline constexpr int kExitOk = 0;  // done, or admitted
inline constexpr int kExitRefused =
    1;  // refused, no node that can host CVMs, or a check found something
inline constexpr int kExitUnusable = 2;  // unusable input, or a failure

}  // namespace cvm::webhook
