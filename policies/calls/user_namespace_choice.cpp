#include "policies/calls/user_namespace_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "policies/model/pod_view.hpp"
#include "policies/mutations/user_namespace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

using Counts = NodeInventory::UserNamespaces;

UserNamespaceChoice choose(const PodView& pod, const Counts& counts) {
  UserNamespaceChoice choice;
  if (counts.any_host_users || counts.any_annotation) {
    choice.host_users = counts.any_host_users;
    choice.annotation = counts.any_annotation;
  }
  const auto is_of_use = [&](UserNamespaceNeed need) {
    const bool is_field = need == UserNamespaceNeed::kHostUsers;
    if (counts.host_users == 0 && counts.annotation == 0) {
      return is_field ? choice.host_users : choice.annotation;
    }
    return (is_field ? counts.host_users : counts.annotation) > 0;
  };
  const auto own = user_namespace_of(pod);
  if (own && is_of_use(*own)) {
    choice.need = *own;
  } else if (counts.annotation > counts.host_users || !choice.host_users) {
    choice.need = UserNamespaceNeed::kAnnotation;
  }
  return choice;
}

std::string mixed_message(const Counts& counts) {
  return fmt::format(
      "{} of the nodes that this pod may land on need hostUsers: false and {} need the annotation "
      "{}, a pod can have one of the two, and no node label tells these nodes apart; give the pod "
      "a node selector, or ask your cluster administrator to label the nodes",
      counts.host_users, counts.annotation, kUsernsModeAnnotation);
}

}  // namespace

void choose_user_namespace(const Snapshot& snapshot, PodContext& context, Scratch& scratch,
                           Verdict& out) {
  const RuleAction action = snapshot.rules->actions().user_namespace_stale;
  const Counts counts =
      snapshot.nodes ? snapshot.nodes->user_namespaces(scratch.candidates) : Counts();
  context.user_namespace = choose(context.pod, counts);
  scratch.trace.ask(rules::user_namespace_stale, action);
  describe_stale(context.pod, context.user_namespace.need, scratch.problems);
  move_problems(rules::user_namespace_stale, action, scratch.problems, out);
}

Separation separate_user_namespaces(const PodContext& context, const Snapshot& snapshot,
                                    Scratch& scratch, Verdict& out) {
  const RuleAction action = snapshot.rules->actions().user_namespace_mixed;
  const NodeInventory& nodes = *snapshot.nodes;
  NodeInventory::Candidates& candidates = scratch.candidates;
  scratch.trace.ask(rules::user_namespace_mixed, action);
  const Counts counts = nodes.user_namespaces(candidates);
  if (counts.host_users == 0 || counts.annotation == 0) return {};
  const auto& terms = context.pod.required_node_affinity;
  if (!terms || terms->size() <= Separation::kMostTerms) {
    const bool usable_only = context.settings.nodes.mark;  // the mark keeps it off the others
    if (auto label =
            nodes.separate_user_namespace(context.user_namespace.need, usable_only, candidates)) {
      return {Separation::Kind::kByLabel, std::move(*label), {}};
    }
  }
  out.add(rules::user_namespace_mixed, action, mixed_message(counts));
  return {Separation::Kind::kImpossible, {}, {}};
}

}  // namespace cvm
