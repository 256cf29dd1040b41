"""The types decide and the JSON Schemas explain: they must always agree."""

from __future__ import annotations

import copy
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.specs.conformance import conform
from mergeline.specs.explanation import validator_of
from mergeline.specs.kinds import ALL_KINDS, TEMPLATE_KIND, kind_of
from mergeline.specs.yaml import parse

ROOT = Path(__file__).parents[2]
BASE = ROOT / "tests/specs/examples/base"
KINDS = {kind.name: kind for kind in ALL_KINDS}


def specs() -> list[tuple[Path, object]]:
    found = []
    for root in (ROOT, BASE):
        for folder in sorted((root / "models").iterdir()):
            files = sorted(folder.rglob("*.yaml"))
            found += [(path, kind_of(path.relative_to(folder).as_posix())) for path in files]
        found += [(path, TEMPLATE_KIND) for path in sorted((root / "pipelines").glob("*.yaml"))]
    return found


SPECS = [(path, kind) for path, kind in specs() if kind is not None]


def pointers(value: object, here: tuple = ()) -> list[tuple]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [here, *(each for key, item in inner for each in pointers(item, (*here, key)))]


def put(value: object, pointer: tuple, new: object) -> object:
    if not pointer:
        return new
    changed = copy.deepcopy(value)
    part = changed
    for step in pointer[:-1]:
        part = part[step]
    part[pointer[-1]] = new
    return changed


def shortened(value: object) -> object:
    """Keep the first item of each list: thirty columns of a kind show no more than one."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    return [shortened(item) for item in value[:1]] if isinstance(value, list) else value


OTHERS = [
    None, True, False, 0, 1, -1, 2, 101, 10**15, 0.0, 0.5, 1.0, 1.5, -2.5, 1e300, "", "x", "a b",
    "1.0.0", "1.0", "v1.0.0", "1.0.0\n", "\u0661.0.0", "7d", "7d\n", "2Gi", "roc_auc", "../x", [],
    [1], ["x"], [{}], {}, {"a": 1}, {"type": "sklearn"}, {"type": "x"}, "https://x.org",
]  # fmt: skip


def says_yes(value: object, kind) -> bool:
    try:
        msgspec.convert(value, kind.type, strict=True)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "kind"), SPECS, ids=[str(path.relative_to(ROOT)) for path, _ in SPECS]
)
def test_types_and_schema_agree_on_every_mutation(path: Path, kind):
    value = shortened(parse(path.name, path.read_bytes())[0].value)
    validator = validator_of(kind)
    assert says_yes(value, kind)
    assert validator.is_valid(value)
    apart = [
        (pointer, other)
        for pointer in pointers(value)
        for other in OTHERS
        if says_yes(put(value, pointer, other), kind)
        != validator.is_valid(put(value, pointer, other))
    ]
    assert apart == []


@given(st.data())
def test_what_is_refused_is_explained_at_its_place(data):
    path, kind = data.draw(st.sampled_from(SPECS))
    document, _ = parse(path.name, path.read_bytes())
    pointer = data.draw(st.sampled_from(pointers(document.value)))
    mutated = put(document.value, pointer, data.draw(st.sampled_from(OTHERS)))
    changed = type(document)(document.file, mutated, document.keys, document.values)
    spec, findings = conform(changed, kind)
    assert (spec is None) == bool(findings)
    assert "invalid-spec" not in {finding.rule for finding in findings}


def test_every_mistake_of_a_file_is_named():
    document, _ = parse(
        "training.yaml",
        b"apiVersion: mergeline.dev/v1\nkind: Training\npipeline: Nope!\nestimator: 3\nx: 1\n",
    )
    _, findings = conform(document, KINDS["Training"])
    assert sorted((f.rule, f.location.line) for f in findings) == [
        ("invalid-value", 3),
        ("missing-key", 1),
        ("missing-key", 1),
        ("unknown-key", 5),
        ("wrong-type", 4),
    ]


def test_a_long_value_is_not_quoted_in_full():
    document, _ = parse(
        "model.yaml",
        b"apiVersion: mergeline.dev/v1\nkind: Model\nname: m\nowner: o\ntask: classification\n"
        b"risk: low\ndescription: d\nversion: " + b"9" * 60 + b"x" * 5000,
    )
    _, [finding] = conform(document, KINDS["Model"])
    assert finding.rule == "bad-version"
    assert len(finding.message) < 200


def test_a_spec_is_a_mapping():
    document, _ = parse("model.yaml", b"- a\n- b\n")
    _, [finding] = conform(document, KINDS["Model"])
    assert (finding.rule, finding.message) == (
        "wrong-type",
        "a spec must be a mapping of keys to values",
    )


@pytest.mark.parametrize(
    ("source", "rule", "message"),
    [
        ("{loader: load_iris}", "missing-key", 'the key "type" is missing'),
        ("{type: []}", "unknown-value", 'datasets.0.source.type: "[]" is not known'),
        ("{type: sklear}", "unknown-value", 'datasets.0.source.type: "sklear" is not known'),
        ("7", "wrong-type", "datasets.0.source must be a mapping, not an integer"),
    ],
)
def test_a_union_without_its_tag(source: str, rule: str, message: str):
    text = (BASE / "models/churn/data.yaml").read_text()
    text = text.replace("{type: python, function: customers.py:customers}", source)
    document, _ = parse("data.yaml", text.encode())
    _, [finding] = conform(document, KINDS["Data"])
    assert (finding.rule, finding.message) == (rule, message)


@pytest.mark.parametrize(
    ("link", "fits"),
    [
        ("https://wiki.example.com/models/churn?tab=1#top", True),
        ("http://localhost:8080", True),
        ("https://intranet/runbook", True),
        ("https://", False),
        ("https:///runbook", False),
        ("https://?q=1", False),
        ("https://.example.com", False),
        ("https://ada:secret@example.com", False),
        ("https://example.com/a b", False),
        ("ftp://example.com", False),
        ("docs/runbook.md", False),
    ],
)
def test_a_link_has_a_host(link: str, *, fits: bool):
    path = BASE / "models/churn/model.yaml"
    document, _ = parse(path.name, path.read_bytes())
    value = put(document.value, ("links",), {"runbook": link})
    changed = type(document)(document.file, value, document.keys, document.values)
    spec, _ = conform(changed, KINDS["Model"])
    assert (spec is not None) is fits


def test_a_form_is_shown_by_an_example():
    text = (ROOT / "tests/specs/waivers/dashboard.yaml").read_text()
    day = next(line for line in text.splitlines() if line.startswith("expires:"))
    document, _ = parse("w.yaml", text.replace(day, 'expires: "31.12.2026"').encode())
    _, [finding] = conform(document, KINDS["Waiver"])
    assert finding.hint == "write it like 2025-03-31: The last day on which it holds, in UTC."
