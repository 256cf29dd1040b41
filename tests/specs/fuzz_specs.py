"""The target of test_fuzz.py: a program of its own, as libFuzzer takes over the process.

python fuzz_specs.py CORPUS [libFuzzer's options]

The first byte of an input says which kind of spec the rest is to be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mergeline.specs"], enable_loader_override=False):
    from mergeline.specs import explanation  # noqa: F401  imported late otherwise, uninstrumented
    from mergeline.specs.check import check
    from mergeline.specs.conformance import conform
    from mergeline.specs.kinds import ALL_KINDS, MODEL_KINDS, TEMPLATE_KIND, kind_of
    from mergeline.specs.tree import WorkingTree
    from mergeline.specs.yaml import parse

ROOT = Path(__file__).parents[2]
BASE = ROOT / "tests/specs/examples/base"
TREE = WorkingTree(BASE)
MODEL = "models/churn"
SEEDS = (ROOT / "models", ROOT / "pipelines", BASE)


class Swapped:
    """The example repository, with another content of one file."""

    def __init__(self, path: str, content: bytes) -> None:
        self._path, self._content = path, content

    def files(self, under: str = "") -> list[str]:
        return TREE.files(under)

    def read(self, path: str) -> bytes:
        return self._content if path == self._path else TREE.read(path)


def one(data: bytes) -> None:
    """Read and check one input; whatever is raised is a bug."""
    if not data:
        return
    kind = ALL_KINDS[data[0] % len(ALL_KINDS)]
    document, findings = parse("spec.yaml", data[1:])
    if document is None:
        assert len(findings) == 1
        return
    spec, findings = conform(document, kind)
    assert (spec is None) == bool(findings)
    if spec is not None and kind.required and kind in MODEL_KINDS:
        _, findings = check(Swapped(f"{MODEL}/{kind.path}", data[1:]))
    lines = len(data[1:].decode("utf-8-sig").splitlines())
    for finding in findings:
        assert finding.message
        assert finding.rule != "invalid-spec"
        if finding.location.file == "spec.yaml":
            assert 1 <= finding.location.line <= lines + 1


def write_seeds(corpus: Path) -> None:
    """Write the reference specs into a folder, each after the byte of its kind."""
    for top in SEEDS:
        for number, path in enumerate(sorted(top.rglob("*.yaml"))):
            parts = path.relative_to(top).parts
            below = "/".join(parts[parts.index("models") + 2 if "models" in parts else 1 :])
            kind = kind_of(below) or TEMPLATE_KIND
            seed = bytes([ALL_KINDS.index(kind)]) + path.read_bytes()
            (corpus / f"{top.name}-{number}").write_bytes(seed)


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
