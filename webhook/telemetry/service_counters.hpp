// ServiceCounters: what happened to the whole process. Written by the control thread.
#pragma once

#include "webhook/telemetry/counter.hpp"

namespace cvm::webhook {

struct ReloadCounters {
  Counter succeeded;
  Counter failed;
  Counter last_success_seconds;  // since the epoch
};

struct ServiceCounters {
  ReloadCounters settings;
  ReloadCounters certificate;
  Counter certificate_not_after_seconds;  // since the epoch
  ReloadCounters node_file;

  Counter has_node_source;  // 0 or 1: without one, the node metrics are left out
  Counter nodes;
  Counter nodes_stale;             // 0 or 1
  Counter nodes_age_milliseconds;  // since the inventory was last confirmed
  Counter node_lists, node_watches, node_events, node_errors;
  Counter node_mark_writes, node_mark_failures;

  // Of both listeners together.
  Counter connections_rejected;  // over the connection limit
  Counter accepts_failed;        // as when descriptors run out
};

}  // namespace cvm::webhook
