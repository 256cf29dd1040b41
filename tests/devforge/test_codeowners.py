"""CODEOWNERS by GitHub's own examples."""

from __future__ import annotations

import pytest

from mergeline.devforge.codeowners import owners_of, read_codeowners

EXAMPLE = """\
# Order is important; the last matching pattern takes the most precedence.
*       @all
*.js    @js # a comment

/build/logs/ @logs
docs/*  docs@example.com
apps/   @apps
/docs/  @acme/writers
/scripts/ @one @two
**/logs @anywhere
/apps/github
/models/*/environments/production.yaml @acme/risk
a\\ b    @space
![x]    @never
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@all",)),
        ("src/x.js", ("@js",)),
        ("build/logs/today/x", ("@anywhere",)),
        ("deep/build/logs/x", ("@anywhere",)),
        ("x/docs/y", ("@all",)),
        ("docs/y", ("@acme/writers",)),
        ("docs/deep/y", ("@acme/writers",)),
        ("deep/apps/x/y", ("@apps",)),
        ("apps/github/x", ()),
        ("apps/github", ()),
        ("apps/githubs", ("@apps",)),
        ("scripts/x", ("@one", "@two")),
        ("models/churn/environments/production.yaml", ("@acme/risk",)),
        ("models/a/b/environments/production.yaml", ("@all",)),
        ("a b", ("@space",)),
        ("x", ("@all",)),
    ],
)
def test_the_last_line_that_matches_counts(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(read_codeowners(EXAMPLE), path) == owners


def test_a_star_of_a_folder_is_its_files_alone() -> None:
    lines = read_codeowners("docs/* @docs")
    assert owners_of(lines, "docs/getting-started.md") == ("@docs",)
    assert owners_of(lines, "docs/build-app/troubleshooting.md") == ()


def test_nothing_is_owned_by_nobody() -> None:
    assert owners_of(read_codeowners(""), "x") == ()
    assert owners_of(read_codeowners("# only\n\n"), "x") == ()
