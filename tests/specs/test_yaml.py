from __future__ import annotations

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergeline.findings import Location
from mergeline.specs.yaml import MAX_DEPTH, parse
from mergeline.written import MAX_BYTES, hidden_character

# What YAML lets through as it is: no controls, and no line breaks that JSON does not know.
words = st.text(
    st.characters(exclude_categories=["Cc", "Cn", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"),
    max_size=20,
).filter(lambda text: hidden_character(text) is None)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)
roots = st.dictionaries(words, values, min_size=1, max_size=4)


def only_finding(content: bytes) -> tuple[str, str, int, int]:
    document, findings = parse("f.yaml", content)
    assert document is None
    [finding] = findings
    return finding.rule, finding.message, finding.location.line, finding.location.column


@given(st.binary(max_size=300))
def test_bytes_never_raise(content: bytes):
    document, findings = parse("f.yaml", content)
    assert (document is None) == bool(findings)


@given(st.text(alphabet="ab0.: -?[]{}&*!|>'\"%@`,#\n\t\\~<=\u00e9\u2028\ud7ff\x07", max_size=120))
def test_yaml_like_text_never_raises(text: str):
    document, findings = parse("f.yaml", text.encode("utf-8", "surrogatepass"))
    assert (document is None) == bool(findings)
    for finding in findings:
        assert 1 <= finding.location.line <= text.count("\n") + 2
        assert finding.location.column >= 1


@given(roots)
def test_json_parses_equal(value: dict):
    document, findings = parse("f.yaml", json.dumps(value, ensure_ascii=False).encode())
    assert findings == []
    assert document.value == value


def plain(value: object) -> bool:
    """Is there nothing that YAML 1.1 and 1.2 read differently (1e3, 0o7, 1_000, no, 1:30)?"""
    if isinstance(value, dict):
        return all(plain(key) and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return not isinstance(value, str) or not value[:2].strip("+-.")[:1].isdigit()


@given(roots.filter(plain))
def test_what_safe_load_reads_parses_equal(value: dict):
    text = yaml.safe_dump(value, allow_unicode=True)
    if "&" in text or "!!" in text or "? " in text:
        return  # anchors, tags and complex keys are refused, as other tests say
    document, findings = parse("f.yaml", text.encode())
    assert findings == []
    assert document.value == yaml.safe_load(text)


@given(roots)
def test_positions_point_at_the_key(value: dict):
    text = json.dumps(value, ensure_ascii=False, indent=1)
    document, _ = parse("f.yaml", text.encode())
    lines = text.split("\n")
    for pointer, (line, column) in document.keys.items():
        assert lines[line - 1][column - 1 :].startswith(json.dumps(pointer[-1], ensure_ascii=False))
    for pointer, (line, column) in document.values.items():
        part = value
        for step in pointer:
            part = part[step]
        opens = "{" if isinstance(part, dict) else "[" if isinstance(part, list) else None
        assert lines[line - 1][column - 1 :].startswith(
            opens or json.dumps(part, ensure_ascii=False)
        )


def test_scalars_follow_yaml_1_2():
    document, _ = parse(
        "f.yaml", b"{a: no, b: 1e-3, c: 010, d: 1_000, e: ~, f: 2024-01-01, g: '1'}"
    )
    assert document.value == {
        "a": "no",
        "b": 0.001,
        "c": 10,
        "d": "1_000",
        "e": None,
        "f": "2024-01-01",
        "g": "1",
    }


def test_a_place_that_is_not_there_is_that_of_its_parent():
    document, _ = parse("f.yaml", b"a:\n  b: 1\n")
    assert document.locate(("a", "b"), key=True) == Location("f.yaml", 2, 3)
    assert document.locate(("a", "c", 3)) == Location("f.yaml", 2, 3)
    assert document.locate(("z",)) == Location("f.yaml", 1, 1)


def test_depth_is_limited_without_recursion():
    depth = 5_000
    rule, message, line, column = only_finding(b"a: " + b"[" * depth)
    assert (rule, message) == ("too-deep", f"nested deeper than {MAX_DEPTH} levels")
    assert (line, column) == (1, 3 + MAX_DEPTH)


def test_size_is_limited():
    rule, message, *_ = only_finding(b"a: " + b"x" * MAX_BYTES)
    assert rule == "file-too-large"
    assert message == ("the file has more than 1,000,000 bytes, the most for one that people write")


def test_an_alias_bomb_ends_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert only_finding(bomb.encode())[0::2] == ("yaml-alias", 1)


@pytest.mark.parametrize(
    ("content", "rule", "place"),
    [
        (b"a: \xff", "not-utf-8", (1, 4)),
        (b"a: b\nc: \x07\n", "hidden-character", (2, 4)),
        (b"a: b\nc: \xef\xbf\xbf\n", "yaml-syntax", (2, 4)),
        (b'a: "\\N"\n', "hidden-character", (1, 4)),
        (b'a: "\\u202E"\n', "hidden-character", (1, 4)),
        (b'"a\\u200b": 1\n', "hidden-character", (1, 1)),
        (b"a: 1" + b"0" * 100, "number-too-long", (1, 4)),
        (b"a: 1e999", "not-finite", (1, 4)),
        (b"a: -.inf", "not-finite", (1, 4)),
        (b"a: 1\n<<: {b: 1}\n", "yaml-alias", (2, 1)),
        (b"a: !!str 1\n", "yaml-tag", (1, 4)),
        (b'a: "\\U00110000"\n', "yaml-syntax", (1, 7)),
        (b"", "empty-file", (1, 1)),
        (b"\xef\xbb\xbf# only a comment\n", "empty-file", (1, 1)),
        (b"a: 1\n---\nb: 1\n", "several-documents", (2, 1)),
    ],
)
def test_refusals(content: bytes, rule: str, place: tuple[int, int]):
    found, _, line, column = only_finding(content)
    assert found == rule
    assert (line, column) == place


def test_a_number_stays_what_it_is():
    document, _ = parse("f.yaml", b"[1, 1.0, -0.0]")
    assert [type(item) for item in document.value] == [int, float, float]
    assert math.copysign(1, document.value[2]) == -1
