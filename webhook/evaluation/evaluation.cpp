#include "webhook/evaluation/evaluation.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "webhook/decode/known_pod_reader.hpp"
#include "webhook/evaluation/unreadable_pod.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

// Whose pods are made by controllers, is not who creates the object.
Caller controller_of(const PodMaker& maker) {
  constexpr const char* kAccounts = "system:serviceaccounts";
  return {.name = fmt::format("system:serviceaccount:kube-system:{}", maker.controller),
          .groups = {kAccounts, fmt::format("{}:kube-system", kAccounts), "system:authenticated"}};
}

const char* subresource_of(EvalOperation operation) {
  switch (operation) {
    case EvalOperation::kExec:
      return "exec";
    case EvalOperation::kAttach:
      return "attach";
    case EvalOperation::kPortForward:
      return "portforward";
    case EvalOperation::kProxy:
      return "proxy";
    case EvalOperation::kCreate:
    case EvalOperation::kUpdate:
      break;
  }
  return "";
}

class Evaluator {
 public:
  Evaluator(const PodDocument& document, const EvalRequest& request, const Snapshot& snapshot,
            const std::shared_ptr<AdmissionHandler>& handler)
      : document_(document), request_(request), snapshot_(snapshot), handler_(handler) {
    result_.document = &document;
    result_.kind = document.kind();
    result_.ns = request.namespace_of(document);
    result_.name = document.name();
    result_.display_name = document.display_name();
  }

  Evaluation run() {
    if (request_.operation == EvalOperation::kUpdate) {
      change();
    } else if (document_.maker != nullptr) {
      judge_maker(*document_.maker, {});
    } else {
      take(create(request_.caller), "");
    }
    if (request_.operation != EvalOperation::kCreate &&
        request_.operation != EvalOperation::kUpdate && result_.allowed) {
      connect();
    }
    return std::move(result_);
  }

 private:
  AdmissionClient client_of(Caller caller) {
    AdmissionClient client(snapshot_, std::move(caller), handler_, result_.ns);
    if (request_.traces_rules) client.trace_rules();
    client.on_exchange([this](Endpoint endpoint, std::string_view review, std::string_view answer) {
      OrderedJson both = OrderedJson::parse(review);
      OrderedJson response = OrderedJson::parse(answer, nullptr, false);
      if (response.is_object()) both["response"] = response.value("response", OrderedJson());
      result_.reviews.push_back({endpoint, std::move(both)});
    });
    return client;
  }

  // `path`: what the answer's fields are below, in the object that was given.
  void take(AdmissionAnswer answer, const std::string& path) {
    result_.allowed = answer.allowed;
    result_.is_cvm = answer.is_cvm;
    result_.profile = std::move(answer.profile);
    result_.findings = std::move(answer.findings);
    result_.warnings = std::move(answer.warnings);
    result_.trace = std::move(answer.trace);
    for (Finding& finding : result_.findings) {
      if (!path.empty() && !finding.field.empty()) finding.field.insert(0, path + ".");
    }
  }

  AdmissionAnswer create(Caller caller) {
    AdmissionClient client = client_of(std::move(caller));
    result_.before = result_.object = document_.pod();
    AdmissionAnswer first = client.mutate(result_.object);
    if (!first.allowed) return first;
    if (!first.patch.is_null()) {
      result_.patch = first.patch;
      result_.object = result_.object.patch(result_.patch);
      check_second_call(client);
    }
    return join(std::move(first), client.validate(result_.object));
  }

  void check_second_call(AdmissionClient& client) {
    const AdmissionAnswer again = client.mutate(result_.object);
    if (again.allowed && again.patch.is_null()) return;
    throw std::runtime_error(fmt::format("{}: a second call would change the pod again: {}",
                                         result_.display_name,
                                         again.allowed ? again.patch.dump() : again.message));
  }

  // The object, and then a pod of its template, which its controller would go on to make.
  void judge_maker(const PodMaker& maker, const OrderedJson& before) {
    AdmissionAnswer of_object = client_of(request_.caller).validate_maker(before, document_.object);
    const std::size_t sent = result_.reviews.size();
    const bool has_controller = !maker.controller.empty();
    AdmissionAnswer made = create(has_controller ? controller_of(maker) : request_.caller);
    const bool is_cvm = made.is_cvm;
    if (of_object.allowed) {
      take(std::move(made), std::string(maker.path));
      // kubectl shows those of the object; nobody sees the others but in events.
      result_.warnings = std::move(of_object.warnings);
      return;
    }
    take(std::move(of_object), "");
    result_.is_cvm = is_cvm;
    result_.reviews.resize(sent);  // no pod is made
    result_.patch = OrderedJson::array();
    result_.object = result_.before;
  }

  void change() {
    const OrderedJson before = request_.before(document_);
    if (document_.maker != nullptr) {
      judge_maker(*document_.maker, before);
      return;
    }
    result_.before = before;
    result_.object = document_.object;
    take(client_of(request_.caller).change(before, result_.object), "");
  }

  void connect() {
    AdmissionClient client = client_of(request_.caller);
    OrderedJson& metadata = result_.object["metadata"];
    if (!metadata.is_object()) metadata = OrderedJson::object();
    // As the API server would make one up.
    std::string name = document_.maker == nullptr ? document_.given_name() : std::string();
    if (name.empty()) {
      const auto prefix = metadata.find("generateName");
      const bool has_prefix = prefix != metadata.end() && prefix->is_string();
      name = (has_prefix ? prefix->get<std::string>() : std::string()) + "x";
      metadata["name"] = name;
    }
    simdjson::dom::parser parser;
    KnownPods pods;
    pods.put(result_.ns, name, read_known_pod(parser.parse(result_.object.dump()).value()));
    client.snapshot().known_pods = std::make_shared<const KnownPods>(std::move(pods));
    take(client.connect(name, subresource_of(request_.operation), request_.container), "");
  }

  const PodDocument& document_;
  const EvalRequest& request_;
  const Snapshot& snapshot_;
  const std::shared_ptr<AdmissionHandler>& handler_;
  Evaluation result_;
};

}  // namespace

Evaluation evaluate(const InputFile& file, const PodDocument& object, const EvalRequest& request,
                    const Snapshot& snapshot, const std::shared_ptr<AdmissionHandler>& handler) {
  try {
    return Evaluator(object, request, snapshot, handler).run();
  } catch (const UnreadableReview& error) {
    fail_unreadable(file, object, error.what());
  }
}

}  // namespace cvm::webhook
