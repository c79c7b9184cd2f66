// What is listed and watched, and who is told of it.
#pragma once

#include <simdjson.h>

#include <string>

namespace cvm::webhook {

struct WatchedResource {
  std::string path;  // "/api/v1/nodes"
  std::string
      selector;  // of the query, percent-encoded: "fieldSelector=spec.nodeName%3D"; or empty
  std::string list_kind;  // "NodeList"
  std::string objects;    // what messages call them: "nodes"
  std::string object;     // one of them: "node"
};

// Told of objects as the API server sends them. An element is good until the call returns; it
// is an object with a metadata.name.
class ObjectReceiver {
 public:
  using Element = simdjson::dom::element;

  virtual ~ObjectReceiver() = default;

  // A list begins: what was listed() since the last call of this belongs to a list that failed.
  virtual void begin_list() = 0;
  // Why the object is left out; empty: it is not.
  virtual std::string listed(Element object) = 0;
  // The list is complete, and takes the place of everything known before.
  virtual void end_list() = 0;

  // An object that was added or changed; as listed().
  virtual std::string put(Element object) = 0;
  virtual void erase(Element object) = 0;
  // After all events that arrived together.
  virtual void end_events() = 0;
};

}  // namespace cvm::webhook
