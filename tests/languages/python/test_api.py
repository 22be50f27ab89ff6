"""The recorded members of the orchestration contexts: which record judges which project."""

from __future__ import annotations

import ast

import pytest

from determinism_lint.languages.python.api import held, record, release_of
from determinism_lint.languages.python.sdks import SDKS
from tests.projects import analyzed

FLOW = """\
from durabletask import task, worker


def flow(ctx: task.OrchestrationContext, order):
    yield ctx.{}


worker.TaskHubGrpcWorker().add_orchestrator(flow)
"""
MANIFESTS = {
    # requirement, member that is used: whether it is judged wrong
    ("durabletask\n", "frobnicate()"): True,
    ("durabletask>=1.0\n", "frobnicate()"): True,
    ("durabletask==1.12.0\n", "frobnicate()"): True,
    ("durabletask==1.99.0\n", "frobnicate()"): False,
    ("durabletask~=2.0\n", "frobnicate()"): False,
    ("durabletask>=1.2\n", "new_uuid()"): False,
    ("durabletask==1.0.0\n", "new_uuid()"): True,
    ("durabletask==1.1.0\n", "new_uuid()"): False,  # it lies between two records that differ
    ("durabletask-dapr\n", "now_with_sequence()"): False,
    ("durabletask-dapr\n", "frobnicate()"): True,
    ("durabletask\ndurabletask-dapr\n", "now_with_sequence()"): True,
    ("dapr-ext-workflow==1.17.5\n", "now_with_sequence()"): False,
}


@pytest.mark.parametrize(("manifest", "member"), MANIFESTS)
def test_a_release_is_judged_by_its_own_record(manifest: str, member: str) -> None:
    result = analyzed({"app.py": FLOW.format(member), "requirements.txt": manifest})
    rules = {finding.rule for finding in result.findings}
    assert ("sdk-signature" in rules) is MANIFESTS[manifest, member]


@pytest.mark.parametrize(
    ("release", "is_fixed"), [("==1.0.0", False), ("==1.2.0", True), (">=1.0", True), ("==1.99.0", True), ("", True)]
)
def test_a_fix_writes_only_what_the_required_release_has(release: str, is_fixed: bool) -> None:
    flow = "import uuid\n" + FLOW.format('call_activity("store", input=str(uuid.uuid4()))')
    result = analyzed({"app.py": flow, "requirements.txt": f"durabletask{release}\n"})
    (finding,) = [finding for finding in result.findings if finding.rule == "random-id"]
    assert (finding.fix is not None) is is_fixed
    assert is_fixed or "has no `new_uuid`" in (finding.help or "")


def test_the_fork_waits_for_no_tasks_at_once() -> None:
    flow = "from durabletask import task, worker\n\n\ndef flow(ctx, order):\n    yield task.when_all([])\n\n\n"
    flow += "worker.TaskHubGrpcWorker().add_orchestrator(flow)\n"
    rules = [
        {finding.rule for finding in analyzed({"app.py": flow, "requirements.txt": manifest}).findings}
        for manifest in ("durabletask\n", "durabletask-dapr\n")
    ]
    assert rules == [{"empty-fan-out"}, set()]


def test_every_member_that_the_rules_know_is_recorded() -> None:
    packages = {
        "durable-task-python": ("durabletask",),
        "durable-functions-python": ("azure-functions-durable",),
        "dapr-workflow-python": ("dapr", "durabletask-dapr"),
    }
    for sdk, names in packages.items():
        recorded = {member for name in names for record in held(name) or () for member in record}
        assert set(SDKS[sdk].members) <= recorded


def test_numbers_of_a_release() -> None:
    assert release_of("2.0.0rc3") == (2, 0, 0)
    assert held("durabletask", "==", (0, 1, 0)) is None


CLASS = """\
class Context(Base):
    open: int

    def __init__(self, a):
        self.kept, self._own = a, a

    @property
    @abstractmethod
    def instance_id(self) -> str: ...

    @abstractmethod
    def call(self, name, *, input=None): ...

    def anything(self, **options): ...

    def _private(self): ...
"""


def test_the_members_of_a_class_are_read_from_its_source() -> None:
    (node,) = ast.parse(CLASS).body
    assert isinstance(node, ast.ClassDef)
    assert dict(record._of_class(node)) == {
        "open": None,
        "kept": None,
        "instance_id": None,
        "call": ["name", "input"],
        "anything": ["**"],
    }
