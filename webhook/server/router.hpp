// Router: which request is answered by what. Reachable without a socket.
//
//   POST /mutate, /validate      on the TLS port: an AdmissionReview
//   GET  /healthz                200 while the process lives
//   GET  /readyz[?verbose]       200, or 503 with the reason
//   GET  /metrics                Prometheus' text format
//
// The API server's `?timeout=5s` bounds what a decision waits for: a pod that must be asked for.
// Decisions themselves take microseconds.
#pragma once

#include <functional>
#include <string>

#include "webhook/server/admission_endpoint.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/request_handler.hpp"

namespace cvm::webhook {

class Router final : public RequestHandler {
 public:
  // Gives the text of /metrics; called on any thread.
  using RenderMetrics = std::function<std::string()>;

  // `admission` null: the operations port, which has no /mutate and /validate. What is given by
  // reference outlives the router.
  Router(AdmissionEndpoint* admission, const Readiness& readiness, RenderMetrics render_metrics);

  Route route(const RequestHead& head) override;
  Answer answer(const Route& route, std::string_view body, Errand* done, std::string& out) override;

 private:
  Refusal check_review(const RequestHead& head) const;

  AdmissionEndpoint* admission_;
  const Readiness& readiness_;
  RenderMetrics render_metrics_;
};

}  // namespace cvm::webhook
