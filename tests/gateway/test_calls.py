"""What goes out with a call or a thought comes back with who made it."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.gateway import calls

GEARS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(IDS, GEARS)
def test_an_id_comes_back_with_its_gear(call_id: str, gear: str) -> None:
    assert calls.read_id(calls.told_id(call_id, gear)) == (call_id, gear)


@given(st.text(min_size=1), GEARS)
def test_a_signature_comes_back_with_its_gear(signature: str, gear: str) -> None:
    assert calls.read_signature(calls.told_signature(signature, gear)) == (signature, gear)


def test_ids_that_are_not_ours_stay_as_they_are() -> None:
    assert calls.read_id("toolu_01A") == ("toolu_01A", "")
    assert calls.read_signature("EqQBabc") == ("EqQBabc", "")
    assert calls.told_signature("", "gear") == ""
