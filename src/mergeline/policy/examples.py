"""A bad and a good example of each policy, from the cases that its tests put to both engines.

A file of cases (`*_test.rego`) has a sound input as a rule `good` or `before`, and cases as a rule
`changed`: name to `{finds: {id, path}, mended: {patch}, patch}`, the patches being RFC 6902's `add`
and `remove`. The example shows the places of the patches alone: after the first, and after both;
without `mended`, before them. A case that is mended goes before one that is not. Whatever has
another form gives no example. Nothing is evaluated: only plain values are read.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mergeline.policy.literals import NotALiteralError, read_literal
from mergeline.specs.document import parse_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module
    from mergeline.specs.document import Pointer

_SOUND = ("good", "before")
_CASES = "changed"
_LONGEST = 300
_SHORT = 200
_ABSENT = object()
# The inputs of these packages are a model's specs, by section: each is a file.
_SPECS = "mergeline.model"
_FOLDERS = ("environments", "releases")


class Example(NamedTuple):
    """An example: the spec that it is of (None: said in the text), bad, and good."""

    file: str | None
    bad: str
    good: str


def examples_of(library: PolicyLibrary) -> dict[tuple[str, str], Example]:
    """Return an example by package and rule id, from a library loaded with its tests."""
    found: dict[tuple[str, str], Example] = {}
    for path, module in library.modules.items():
        if path.endswith("_test.rego"):
            package = module.package.removesuffix("_test")
            for rule, example in _of_module(module, package):
                found.setdefault((package, rule), example)
    return found


def _of_module(module: Module, package: str) -> Iterator[tuple[str, Example]]:
    sound = next((value for name in _SOUND for value in _values(module, name)), None)
    if not isinstance(sound, dict):
        return
    cases = [case for cases in _values(module, _CASES) for case in _each(cases)]
    for case in sorted(cases, key=lambda case: "mended" not in case):
        rule = _found_by(case)
        if rule is None:
            continue
        example = _changed(sound, case, package) or _beside(module, case)
        if example is not None:
            yield rule, example


def _each(cases: object) -> list[dict[str, Any]]:
    found = cases.values() if isinstance(cases, dict) else ()
    return [case for case in found if isinstance(case, dict)]


def _values(module: Module, name: str) -> Iterator[Any]:
    for rule in module.rules:
        if rule.name == name and len(rule.tokens) > 2 and rule.tokens[1].is_symbol(":="):
            try:
                yield read_literal(rule.tokens[2:])
            except NotALiteralError:
                continue


def _found_by(case: dict[str, Any]) -> str | None:
    finds = case.get("finds")
    rule = finds.get("id") if isinstance(finds, dict) else None
    return rule if isinstance(rule, str) else None


def _changed(sound: dict[str, Any], case: dict[str, Any], package: str) -> Example | None:
    patch, mending = case.get("patch"), _mending(case, "patch") or []
    if not isinstance(patch, list) or not patch or not isinstance(mending, list):
        return None
    broken = copy.deepcopy(sound)
    try:
        places = [_apply(broken, operation) for operation in patch]
        mended = copy.deepcopy(broken if mending else sound)
        places += [_apply(mended, operation) for operation in mending]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    section = str(places[0][0])
    one_file = package == _SPECS and all(place[:1] == (section,) and place[1:] for place in places)
    if not one_file or section in _FOLDERS:
        return Example(None, _text(broken, places), _text(mended, places))
    inner = [place[1:] for place in places]
    return Example(f"{section}.yaml", _text(broken[section], inner), _text(mended[section], inner))


def _mending(case: dict[str, Any], name: str) -> Any:
    mended = case.get("mended")
    return mended.get(name) if isinstance(mended, dict) else None


def _beside(module: Module, case: dict[str, Any]) -> Example | None:
    """Return the example of a case that changes what is given beside the specs, as `files`."""
    for name in sorted(case.keys() - {"finds", "mended", "patch"}):
        for usual in (_mending(case, name), *_values(module, name)):
            if usual is None:
                continue
            return Example(None, _text(case, [(name,)]), _text({name: usual}, [(name,)]))
    return None


def _apply(document: Any, operation: dict[str, Any]) -> Pointer:
    """Apply one operation of a JSON patch in place, and return where."""
    place = parse_pointer(operation["path"])
    parent = document
    for part in place[:-1]:
        parent = parent[part]
    if operation["op"] == "remove":
        del parent[place[-1]]
    elif operation["op"] == "add" and isinstance(parent, list):
        if place[-1] == "-":
            place = (*place[:-1], len(parent))
        parent.insert(int(place[-1]), operation["value"])
    elif operation["op"] == "add":
        parent[place[-1]] = operation["value"]
    else:
        raise ValueError(operation["op"])
    return place


def _text(document: Any, places: Sequence[Pointer]) -> str:
    return "\n".join(_lines(document, places))


def _lines(value: Any, places: Sequence[Pointer]) -> Iterator[str]:
    """Write the places of a value as YAML; what lies around them is left out."""
    for part in dict.fromkeys(place[0] for place in places):
        inner = [place[1:] for place in places if place[0] == part]
        below = _below(value, part)
        in_list = isinstance(value, list)
        if below is _ABSENT:
            yield "# no such item" if in_list else f"# no {part}"
        elif () in inner or _is_short(below):
            text = json.dumps(below, ensure_ascii=False)
            shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
            yield f"- {shown}" if in_list else f"{part}: {shown}"
        else:
            yield from _labelled(None if in_list else str(part), list(_lines(below, inner)))


def _is_short(value: Any) -> bool:
    """Is it best shown whole? A short list is: its items often make sense only together."""
    if isinstance(value, list):
        return len(json.dumps(value)) <= _SHORT
    return not isinstance(value, dict)


def _labelled(key: str | None, lines: list[str]) -> Iterator[str]:
    """Put lines below a key, or into an item of a list."""
    if key is not None:
        yield f"{key}:"
    for index, line in enumerate(lines):
        yield f"- {line}" if key is None and index == 0 else f"  {line}"


def _below(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(part), _ABSENT)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return _ABSENT
