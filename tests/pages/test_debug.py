"""durable-debug leads from each symptom to its cause in two pages: its own table, and the place that the row names."""

from __future__ import annotations

import re

import pytest

from tests.skills.generated import files

SYMPTOMS = (
    "Pending for ever",
    "completed, but an activity never ran",
    "non-determinism, after a deployment",
    "an activity or another effect ran twice",
    "connection refused.*in a container, in Kubernetes",
    "an event is lost",
    "a fan-out hangs",
    "a timer fires late",
    "a lock is never free",
    "its history is gone, after a restart",
    "the history is too large",
    "a worker runs and takes nothing",
)


def pages() -> dict[str, str]:
    return {file.path: file.text for file in files() if file.skill == "durable-debug"}


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_symptom_leads_to_its_cause(symptom: str) -> None:
    (row,) = [line for line in pages()["SKILL.md"].splitlines() if re.match(rf"\| [^|]*{symptom}", line)]
    link = re.search(r"\]\(([^)#]+)#?([a-z-]*)\)", row)
    assert link, row
    page = pages()[link[1]]
    sections = re.split(r"^#{1,2} ", page, flags=re.MULTILINE)[1:]
    anchors = {re.sub(r"[^a-z -]", "", text.partition("\n")[0].lower()).replace(" ", "-"): text for text in sections}
    place = anchors[link[2]] if link[2] else page
    assert re.search(r"^\| |^\d\. |^- ", place, re.MULTILINE), f"{link[1]}#{link[2]} names no cause"
