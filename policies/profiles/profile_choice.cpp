#include "policies/profiles/profile_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profiles.hpp"

namespace cvm {

namespace {

constexpr std::string_view kNoName;

// "a, b or c"; empty: none of them can be chosen in this way.
std::string names_of(const Profiles* profiles, bool ProfileSnapshot::* chosen_by) {
  std::vector<std::string_view> names;
  for (std::size_t each = 0; profiles != nullptr && each < profiles->all.size(); ++each) {
    if (profiles->all[each].*chosen_by) names.push_back(profiles->all[each].name);
  }
  return list_words(names);
}

class Chooser {
 public:
  Chooser(const AdmissionRequest& request, const PodView& pod, const Snapshot& snapshot)
      : request_(request), pod_(pod), snapshot_(snapshot), profiles_(snapshot.profiles.get()) {}

  ProfileChoice choose() {
    const std::string_view wanted = pod_.labels.find(kProfileLabel).value_or(kNoName);
    const ProfileSnapshot* found = find(wanted);
    if (found != nullptr && found->chosen_by_pod) return {found->snapshot.get(), {}};
    std::string_view name = default_name();
    std::vector<Problem> problems;
    if (Problem problem = choose_by_namespace(name); !problem.message.empty()) {
      problems.push_back(std::move(problem));
    }
    if (!wanted.empty() && wanted != name) {
      problems.insert(problems.begin(), refuse_pod(wanted, found));
    }
    const ProfileSnapshot* chosen = find(name);
    return {chosen == nullptr ? &snapshot_ : chosen->snapshot.get(), std::move(problems)};
  }

 private:
  const ProfileSnapshot* find(std::string_view name) const {
    return profiles_ == nullptr || name.empty() ? nullptr : profiles_->find(name);
  }

  std::string_view default_name() const {
    return profiles_ == nullptr ? kNoName : std::string_view(profiles_->default_name);
  }

  // Leaves `name` alone where the namespace asks for nothing that it can have.
  Problem choose_by_namespace(std::string_view& name) const {
    const KnownNamespace* known = nullptr;
    if (snapshot_.namespaces) {
      const auto entry = snapshot_.namespaces->find(request_.namespace_);
      if (entry != snapshot_.namespaces->end()) known = &entry->second;
    }
    if (known == nullptr) {
      const bool awaits = snapshot_.namespaces != nullptr || snapshot_.namespaces_awaited;
      return awaits && any_for_namespaces() ? await_namespace() : Problem{};
    }
    if (known->profile.empty() || known->profile == name) return {};
    const ProfileSnapshot* found = find(known->profile);
    if (found == nullptr || !found->chosen_by_namespace) return refuse_namespace(*known, found);
    name = found->name;
    return {};
  }

  bool any_for_namespaces() const {
    return profiles_ != nullptr &&
           std::any_of(profiles_->all.begin(), profiles_->all.end(),
                       [](const ProfileSnapshot& profile) { return profile.chosen_by_namespace; });
  }

  Problem refuse_pod(std::string_view wanted, const ProfileSnapshot* found) const {
    const std::string names = names_of(profiles_, &ProfileSnapshot::chosen_by_pod);
    std::string text = fmt::format(
        "the label {} asks for profile {}{}", kProfileLabel, quoted(wanted),
        found == nullptr ? ", which does not exist; " : ", which is not for pods to choose; ");
    text += names.empty() ? "remove it" : fmt::format("set it to {}, or remove it", names);
    if (found != nullptr && found->chosen_by_namespace) {
      text += ", or ask your cluster administrator to label the namespace with it";
    }
    return {std::move(text), fmt::format("metadata.labels[{}]", kProfileLabel)};
  }

  Problem refuse_namespace(const KnownNamespace& known, const ProfileSnapshot* found) const {
    const std::string names = names_of(profiles_, &ProfileSnapshot::chosen_by_namespace);
    std::string text =
        fmt::format("namespace {} is labelled {}={}{}; ask your cluster administrator to ",
                    quoted(request_.namespace_), kProfileLabel, readable(known.profile),
                    found == nullptr ? " and there is no such profile"
                                     : " and that profile is not for namespaces to choose");
    text += names.empty() ? "remove the label"
                          : fmt::format("label it {}, or to remove the label", names);
    return {std::move(text), ""};
  }

  Problem await_namespace() const {
    return {fmt::format("the labels of namespace {}, by which the profile of its pods is chosen, "
                        "are not known yet; try again, or ask your cluster administrator to look "
                        "at /readyz?verbose of cvm-webhook",
                        quoted(request_.namespace_)),
            ""};
  }

  const AdmissionRequest& request_;
  const PodView& pod_;
  const Snapshot& snapshot_;
  const Profiles* profiles_;
};

bool takes_part(const PodView& pod, const Settings& settings) {
  return settings.enabled && settings.workspace_selector.matches(pod.labels);
}

}  // namespace

ProfileChoice choose_profile(const AdmissionRequest& request, const PodView& pod,
                             const Snapshot& snapshot) {
  ProfileChoice choice = Chooser(request, pod, snapshot).choose();
  if (!choice.problems.empty() && !takes_part(pod, *snapshot.settings)) choice.problems.clear();
  return choice;
}

const Snapshot* profile_of(std::string_view name, const Snapshot& snapshot) {
  if (name.empty() || !snapshot.profiles) return &snapshot;
  const ProfileSnapshot* found = snapshot.profiles->find(name);
  return found == nullptr ? &snapshot : found->snapshot.get();
}

const Snapshot* profile_of(const PodView& cvm, const Snapshot& snapshot) {
  return profile_of(cvm.annotations.find(kProfileAnnotation).value_or(kNoName), snapshot);
}

}  // namespace cvm
