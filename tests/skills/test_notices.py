from __future__ import annotations

from skills_src.notices import CHANGES, matrix, sentences, table

NOTICES = {"renamed-activity": "fails", "removed-step": "fails", "other-payload": "recorded"}


def test_a_sentence_for_each_outcome():
    assert sentences(["renamed-activity", "removed-step", "other-payload"], NOTICES) == (
        "If another activity is called or a recorded call is left out, the instance fails with a "
        "non-determinism error. "
        "If a call gets another input, the recorded call counts, and nothing reports the difference."
    )
    assert sentences(["renamed-activity", "swapped-steps", "removed-step"], {**NOTICES, "swapped-steps": "fails"}) == (
        "If another activity is called, two calls swap their places or a recorded call is left out, "
        "the instance fails with a non-determinism error."
    )


def test_nothing_is_said_of_what_is_not_known():
    assert sentences(["hangs"], NOTICES) == sentences([], NOTICES) == table({}) == ""


def test_tables():
    assert "| a call gets another input | the recorded call counts" in table(NOTICES)
    both = matrix({"a": dict.fromkeys(CHANGES, "hangs"), "b": {}})
    assert "| if, at replay, | `a` |" in both
    assert "| two calls swap their places | hangs |" in both
    assert "*hangs*: the instance waits for ever;" in both


def test_sdks_that_do_the_same_share_a_column():
    shared = matrix({sdk: dict.fromkeys(CHANGES, "hangs" if sdk == "c" else "fails") for sdk in ("a", "b", "c")})
    assert "| if, at replay, | `a`, `b` | `c` |" in shared
    assert "| two calls swap their places | fails | hangs |" in shared
