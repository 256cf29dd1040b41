"""The attributes of a commit's files are those that Git itself tells of them."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mergeline.specs.attribute_files import SET, UNSET, AttributeFiles
from mergeline.specs.attribute_pattern import Fit, read_pattern
from mergeline.specs.attributes import attribute_findings
from mergeline.specs.held import Held

PATHS = (
    *("a", "b", "ab", "a/a", "a/b", "a/ab", "a/a/a", "a/a/b", "a/b/a", "a/b/ab", "b/a/b/a"),
    *("a/a/a/a/b", "a/b/ab/a/ab", "a-b", "a/a-b", "A/b", "a/aB", "\u00e9/a"),
)
NAMES = ("x", "y", "z")
_NAME = st.lists(
    st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "[a-b]", "\\a", "-", "A"]),
    min_size=1,
    max_size=4,
).map(lambda parts: "".join(parts).replace("**", "*").replace("**", "*"))
NORMAL = st.builds(
    "{}{}".format,
    st.sampled_from(["", "/"]),
    st.lists(_NAME | st.just("**"), min_size=1, max_size=5).map("/".join),
)
ANY = st.text("ab*?[]!^-\\/", min_size=1, max_size=9)
WORD = st.builds(
    "{}{}".format, st.sampled_from(["", "-", "!"]), st.sampled_from(NAMES)
) | st.sampled_from(["x=1", "x=-", "y=2", "@x", "binary"])
SETS = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
LINE = st.builds("{} {}".format, NORMAL | st.sampled_from(["*", "[attr]x", "[attr]y"]), SETS)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory):
    """Ask Git which attributes its files give to PATHS."""
    root = tmp_path_factory.mktemp("attributes")
    environ = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1"}
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "--quiet"], check=True, env=environ)
    (root / "a").mkdir()

    def tell(files: dict[str, str]) -> dict[str, dict[str, str]]:
        for name in (".gitattributes", "a/.gitattributes"):
            (root / name).write_bytes(files.get(name, "").encode())
        answer = subprocess.run(
            [*git, "check-attr", "-z", "--stdin", *NAMES, "diff"],
            input="\0".join(PATHS).encode() + b"\0",
            capture_output=True,
            check=True,
            env=environ,
        )
        words = answer.stdout.decode().split("\0")[:-1]
        values: dict[str, dict[str, str]] = {path: {} for path in PATHS}
        for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=True):
            values[path][name] = value
        return values

    return tell


def shown(value: str | None) -> str:
    return {SET: "set", UNSET: "unset", None: "unspecified"}.get(value, value)


@settings(max_examples=300, deadline=None)
@given(NORMAL)
@example("**/a/**/b")
@example("a/**")
@example("/**")
@example("**/**/**/ab")
@example("a*a*b")
def test_a_pattern_fits_what_git_says_it_fits(told, pattern: str):
    values = told({".gitattributes": f"{pattern} x\n"})
    read = read_pattern(b"", pattern.encode())
    for path in PATHS:
        fit = read.fit(path)
        if fit is Fit.MAYBE:
            assert path.casefold() != path or pattern.casefold() != pattern, (pattern, path)
        else:
            assert (fit is Fit.YES) == (values[path]["x"] == "set"), (pattern, path)


@settings(max_examples=300, deadline=None)
@given(ANY)
@example("a**/b")
@example("[[:alpha:]]")
@example("[]a]")
@example("[b-?]")
@example("[!b-?]")
def test_a_pattern_that_is_not_sure_is_not_missed(told, pattern: str):
    if pattern.startswith("!"):
        return
    values = told({".gitattributes": f"{pattern} x\n"})
    read = read_pattern(b"", pattern.encode())
    for path in PATHS:
        fit = Fit.NO if read is None else read.fit(path)
        assert fit is not Fit.NO or values[path]["x"] != "set", (pattern, path)
        assert fit is not Fit.YES or values[path]["x"] == "set", (pattern, path)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(LINE, max_size=5), st.lists(LINE, max_size=3))
@example(["* x", "[attr]x -diff"], [])
@example(["[attr]x -diff", "[attr]y x", "* y"], ["[attr]x diff", "* -y"])
def test_files_give_the_attributes_that_git_says(told, root: list[str], folder: list[str]):
    files = {".gitattributes": "\n".join(root), "a/.gitattributes": "\n".join(folder)}
    values = told(files)
    read = AttributeFiles(
        {name: text.encode() for name, text in files.items()}, (*NAMES, "diff", "binary")
    )
    for path in PATHS:
        found: dict[str, set[str]] = {}
        for one in read.of(path):
            found.setdefault(one.attribute, set()).add(shown(one.value))
        for name, value in values[path].items():
            # In lower case nothing is in doubt.
            if "A" in "".join((*root, *folder, path)) or "B" in path:
                assert value in found.get(name, set()) | {"unspecified"}
            else:
                assert found.get(name, {"unspecified"}) == {value}, (files, path, name)


LONG = ("models/" + "a" * 200, "models/m/" + "a" * 200 + "/" + "a/" * 100 + "a")
SLOW = (
    "**/" * 8 + "x",
    "**/" * 600 + "x",
    "/models/" + "*a" * 16 + "b",
    "/models/**/" + "*a" * 900 + "b",
    "*a" * 1000 + "b",
    "**/a" * 500 + "/b",
    "**/a*a*b" * 200,
    "*?" * 1000,
)


@pytest.mark.parametrize("pattern", SLOW, ids=range(len(SLOW)))
def test_no_pattern_takes_long(pattern: str):
    tree = Held({".gitattributes": f"{pattern} filter=x\n".encode() * 100})
    began = time.process_time()
    list(attribute_findings(tree, [".gitattributes", *LONG]))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        (".gitattributes", b"#" * 1_000_000 + b"\n* filter=x\n", "file-too-large"),
        ("models/.gitattributes", b"*.py filter=x\n" * 201, "file-too-large"),
        (".gitattributes", b"* filter=x\n\0\n* -filter\n", "hidden-character"),
        ("models/m/.gitattributes", b"*.py filter=x\r* -filter\n", "hidden-character"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_read_as_a_whole_is_refused(name: str, content: bytes, rule: str):
    [finding] = attribute_findings(Held({name: content}), [name, "models/m/source.py"])
    assert (finding.rule, finding.severity) == (rule, "error")
