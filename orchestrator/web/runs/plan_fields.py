"""A plan as the fields of a form: what was sent becomes its document, the one truth about plans.

Rows keep their order in a field of their own that is sent once for each: `p.steps` is "1", "2" …,
and `p.steps.2.name` belongs to the second. A phase holds a plan of its own below its row.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from orchestrator import json_input
from orchestrator.patterns import plans

ROOT = "p."
LISTS = {"convoy": "steps", "team": "roles", "hybrid": "phases", "cascade": "gears"}
CHECKS = ("regex", "judge", "json_schema")
BESIDE = "beside"

Document = dict[str, Any]


def document(sent: QueryDict, pattern: str, at: str = ROOT) -> Document:
    """The plan that the rows show; of another pattern, if one was chosen, with the same parts."""
    shape = sent.get(f"{at}shape", pattern)
    if (read := READERS.get(shape)) is None:
        return usual(pattern)
    found = read(sent, at)
    return found if shape == pattern else changed(found, pattern)


def usual(pattern: str) -> Document:
    plan = plans.default_for(pattern)
    return plans.to_document(plan, is_whole=True) if plan else {}


def changed(document: Mapping[str, Any], pattern: str) -> Document:
    """The usual plan of another pattern, doing what this one's steps or roles do."""
    parts = document.get("steps") or document.get("roles")
    begun = usual(pattern)
    if parts and pattern in ("convoy", "team"):
        kept = [{key: part[key] for key in part if key != "sends_back"} for part in parts]
        begun[LISTS[pattern]] = kept
    return begun


def _convoy(sent: QueryDict, at: str) -> Document:
    return {"steps": _parts(sent, f"{at}steps")}


def _team(sent: QueryDict, at: str) -> Document:
    roles = _parts(sent, f"{at}roles")
    found: Document = {"roles": roles, "merge": _single(sent, f"{at}merge.")}
    if not roles:
        found["lead"] = _single(sent, f"{at}lead.")
    if sent.get(f"{at}reviews"):
        found["review"] = _part(sent, f"{at}review.") or plans.usual_parts()["review"]
    return found


def _cascade(sent: QueryDict, at: str) -> Document:
    chosen = (sent.get(f"{at}gears.{each}.gear", "") for each in sent.getlist(f"{at}gears"))
    return {"gears": [gear for gear in chosen if gear]}


def _swarm(sent: QueryDict, at: str) -> Document:
    found: Document = {"each": _single(sent, f"{at}each.")}
    for name in ("parallel", "retries"):
        if number := sent.get(f"{at}{name}", "").strip():
            found[name] = _number(number)
    for name in ("combine", "split"):
        if word := sent.get(f"{at}{name}"):
            found[name] = word
    if found.get("combine") == plans.Combine.REDUCE:
        found["reduce"] = _single(sent, f"{at}reduce.")
    if items := _items(sent, at):
        found["items"] = items
    if check := _check(sent, at):
        found["check"] = check
    return found


def _items(sent: QueryDict, at: str) -> Sequence[str]:
    """Those that stand in the plan: one on each line, or kept aside where one has several."""
    if kept := sent.get(f"{at}items.kept"):
        found = _json(kept)
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    return [line for line in sent.get(f"{at}items", "").splitlines() if line.strip()]


def _check(sent: QueryDict, at: str) -> Document:
    kind, text = sent.get(f"{at}check", ""), sent.get(f"{at}check.text", "").strip()
    if kind not in CHECKS:
        return {}
    return {kind: _json(text) if kind == "json_schema" and text else text}


def _json(text: str) -> object:
    """What is no JSON stays a text, which the plan's reader then refuses."""
    try:
        return json_input.parse(text, max_bytes=1024 * 1024)
    except json_input.InvalidJson:
        return text


def _hybrid(sent: QueryDict, at: str) -> Document:
    group = f"{at}phases"
    return {"phases": [_phase(sent, f"{group}.{each}.") for each in sent.getlist(group)]}


def _phase(sent: QueryDict, at: str) -> Document:
    pattern = sent.get(f"{at}pattern", "")
    named = {"name": sent.get(f"{at}name", "").strip(), "pattern": pattern}
    return {**named, **document(sent, pattern, at)}


def _parts(sent: QueryDict, group: str) -> list[Document]:
    return [_part(sent, f"{group}.{each}.") for each in sent.getlist(group)]


def _part(sent: QueryDict, at: str) -> Document:
    said: Document = {
        name: value
        for name in ("name", "instructions", "gear", "strength")
        if (value := sent.get(f"{at}{name}", "").replace("\r\n", "\n").strip())
    }
    if throttle := sent.get(f"{at}throttle", "").strip():
        said["throttle"] = _number(throttle)
    if sent.get(f"{at}sends_back"):
        said["sends_back"] = True
    return said


def _single(sent: QueryDict, at: str) -> Document:
    """A place that is as usual where nothing is said, so what was left empty is said too."""
    if f"{at}name" not in sent:
        return {}
    return {"instructions": "", "strength": ""} | _part(sent, at)


def _number(text: str) -> Any:
    """What is no number is left as it is, for the plan's reader to say so."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else digits


READERS: Mapping[str, Callable[[QueryDict, str], Document]] = {
    "convoy": _convoy,
    "team": _team,
    "cascade": _cascade,
    "swarm": _swarm,
    "hybrid": _hybrid,
}


def done(sent: QueryDict, deed: str) -> QueryDict:
    """The form after one deed: `add GROUP`, `remove`, `up` or `down GROUP ROW`, `put GROUP ROW AT`.

    What names a row that is not there changes nothing.
    """
    form = sent.copy()
    word, group, row, before = (*deed.split(" "), "", "", "", "")[:4]
    order = form.getlist(group)
    if word == "add" and group:
        _add(form, group)
    elif row in order and (move := MOVES.get(word)):
        form.setlist(group, move(order, row, before))
    return form


def _add(form: QueryDict, group: str) -> None:
    order = form.getlist(group)
    new = str(max((int(each) for each in order if each.isdigit()), default=0) + 1)
    form.setlist(group, [*order, new])
    kind = group.rpartition(".")[2].removesuffix("s")
    form[f"{group}.{new}.name"] = f"{kind} {len(order) + 1}"
    if kind == "phase":
        form[f"{group}.{new}.pattern"] = "convoy"
        form[f"{group}.{new}.shape"] = BESIDE  # no rows were shown for it yet


def _without(order: Sequence[str], row: str) -> list[str]:
    return [each for each in order if each != row]


def _moved(order: Sequence[str], row: str, by: int) -> list[str]:
    rest = _without(order, row)
    rest.insert(max(order.index(row) + by, 0), row)
    return rest


def _put(order: Sequence[str], row: str, before: str) -> list[str]:
    rest = _without(order, row)
    rest.insert(rest.index(before) if before in rest else len(rest), row)
    return rest


MOVES: Mapping[str, Callable[[Sequence[str], str, str], list[str]]] = {
    "remove": lambda order, row, _: _without(order, row),
    "up": lambda order, row, _: _moved(order, row, -1),
    "down": lambda order, row, _: _moved(order, row, 1),
    "put": _put,
}


def shown_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
