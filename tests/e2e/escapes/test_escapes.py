"""Every attempt of this folder, as a developer makes it, three times.

As shipped it is refused; so it is by the webhook alone, without the admission policies; and with its
rules off, and no policies, it goes through: so it was these rules that refused.
"""

import pathlib
import re
import subprocess
import time

import pytest
from harness import manifests, policies
from harness.developer import OPTED_OUT, Developer
from harness.escapes import load
from harness.pods import workspace
from harness.processes import wait_for

ATTEMPTS = load(pathlib.Path(__file__).resolve().parent)
BY_WEBHOOK = re.compile(r'admission webhook "\w+\.cvm-webhook\.io" denied the request: ')
BY_POLICY = re.compile(r"ValidatingAdmissionPolicy 'cvm-webhook-[a-z-]+' with binding")
LAST = "cvm-webhook-outside-namespaces"


def _each(attempts, off=lambda attempt: ()):
    """Those with the same settings one after the other."""
    ordered = sorted(attempts, key=lambda attempt: (repr(attempt.settings), attempt.rules))
    return pytest.mark.parametrize("attempt, off", [
        pytest.param(attempt, off(attempt), id=attempt.name) for attempt in ordered])


def _each_of_several_rules():
    cases = [(attempt, rule, tuple(other for other in attempt.rules if other != rule))
             for attempt in ATTEMPTS if len(attempt.rules) > 1 for rule in attempt.rules]
    cases.sort(key=lambda case: (repr(case[0].settings), case[2]))
    return pytest.mark.parametrize("attempt, rule, off", [
        pytest.param(*case, id=f"{case[0].name}-{case[1]}") for case in cases])


@pytest.fixture(scope="module")
def cluster(new_cluster):
    """One of its own: an API server that was without all bindings of the policies for a while does not
    notice later changes of their parameters (seen with 1.36.3)."""
    with new_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def instances(request, cluster):
    """One for each settings that the tests of this run will ask for."""
    parameters = [item.callspec.params for item in request.session.items
                  if item.module is request.module and hasattr(item, "callspec")]
    asked = [item["attempt"].settings_without(item["off"]) for item in parameters]
    different = {repr(settings): settings for settings in asked}
    with cluster.webhooks.keeping(list(different.values())):
        yield
        cluster.use()


@pytest.fixture
def outcome(cluster, user, instances, attempt, off):
    """What comes of the attempt, with those rules off."""
    before = cluster.balancer.behind()
    if cluster.use(attempt.settings_without(off)) not in before:
        # Its connections were cut, and the API server takes a moment to notice.
        time.sleep(0.05)
        wait_for("the API server to call the instance", lambda: "failed calling" not in user.create(
            workspace(labels=OPTED_OUT)).text)
    return attempt.run(user)


@pytest.fixture(scope="module")
def user(cluster) -> Developer:
    cluster.use()
    return Developer(cluster)


@pytest.fixture(scope="module")
def known_rules(cluster) -> set[str]:
    listed = subprocess.run([cluster.binary, "rules", "list"], check=True, capture_output=True,
                            text=True).stdout
    return set(re.findall(r"^([a-z0-9]+(?:-[a-z0-9]+)+)\s", listed, re.MULTILINE))


@pytest.fixture(scope="module")
def no_policies(cluster, user):
    """The cluster without the bindings of the admission policies."""
    kubectl = cluster.kubectl
    bindings = [item for item in manifests.build(kubectl) if item["kind"] == policies.BINDING]
    bindings.sort(key=lambda item: item["metadata"]["name"] == LAST)

    def in_force() -> bool:
        return not user.create(workspace(runtimeClassName="cvm"), user.outside).ok

    for binding in bindings:
        kubectl("delete", policies.BINDING, binding["metadata"]["name"])
    wait_for("the policies to be gone", lambda: not in_force())
    yield
    kubectl("create", "-f", "-", stdin=bindings)
    wait_for("the policies to be in force", in_force)


def test_there_are_enough_attempts_and_each_says_what_it_tries():
    assert len(ATTEMPTS) >= 40
    assert not [attempt.name for attempt in ATTEMPTS if len(attempt.tried) < 60]
    told = [attempt.tried for attempt in ATTEMPTS]
    assert len(set(told)) == len(told)


def test_every_guard_of_an_attempt_exists(known_rules, kubectl):
    named = {rule for attempt in ATTEMPTS for rule in (*attempt.rules, attempt.refused_by) if rule}
    assert not named - known_rules
    assert {f"cvm-webhook-{attempt.policy}" for attempt in ATTEMPTS if attempt.policy} <= set(
        policies.names(kubectl))
    assert not [attempt.name for attempt in ATTEMPTS if not attempt.rules and not attempt.policy]


def test_the_cvm_of_which_others_are_forged_is_let_through(user, webhook):
    """So what is refused of them is what they change."""
    answer = user.create(user.restored())
    assert answer.ok, answer.text


@_each(ATTEMPTS)
def test_an_escape_is_refused(attempt, outcome):
    assert not outcome.ok
    assert BY_WEBHOOK.search(outcome.text) or BY_POLICY.search(outcome.text), outcome.text
    assert re.search(r"\bcvm/[a-z-]+: ", outcome.text), outcome.text
    assert re.search(attempt.told, outcome.text, re.DOTALL), outcome.text


@_each(attempt for attempt in ATTEMPTS if not attempt.policy)
def test_the_webhook_alone_refuses_it(no_policies, attempt, outcome):
    assert not outcome.ok
    assert BY_WEBHOOK.search(outcome.text), outcome.text
    assert f"cvm/{attempt.refused_by}: " in outcome.text


@_each(ATTEMPTS, off=lambda attempt: attempt.rules)
def test_it_goes_through_with_its_rules_off(no_policies, attempt, outcome):
    assert not BY_WEBHOOK.search(outcome.text) and not BY_POLICY.search(outcome.text), outcome.text
    assert attempt.goes_through(outcome), outcome.text


@_each_of_several_rules()
def test_one_of_its_rules_is_enough(no_policies, rule, outcome):
    """None is listed in vain: with all the others off, it refuses alone."""
    assert not outcome.ok
    assert BY_WEBHOOK.search(outcome.text), outcome.text
    assert f"cvm/{rule}: " in outcome.text
