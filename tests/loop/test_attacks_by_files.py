"""What an author brings in a commit that reviewers do not see, and that something would believe."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
import yaml

from loop.test_attacks import PRODUCTION, checked, own, refused, standing
from loop.world import GRACE, MARGARET, MODEL, SPEC, User, World

if TYPE_CHECKING:
    from pathlib import Path

VICTIM = User("victim", "Victim", "victim@example.org", "ghp_aTokenOfGitHub")
PYTHON = '    source: {type: python, function: "source.py:read"}\n'
SKLEARN = "    source:\n      type: sklearn\n      loader: load_breast_cancer\n"
CODE = """import sklearn.datasets
%sdef read():
    return sklearn.datasets.load_breast_cancer(as_frame=True).frame
"""


def sha(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def plant(world: World) -> tuple[Path, str, str]:
    """Put a model of other hyperparameters into the cache; entry, its digest, the honest one."""
    cache = world.clone / ".mergeline/cache/train"
    made = {}
    for value in ("0.02", "0.9"):
        text = (world.clone / SPEC / "training.yaml").read_text()
        old = next(line for line in text.splitlines() if line.strip().startswith("C: "))
        world.edit("training.yaml", old, f"{old.partition('C: ')[0]}C: {value}")
        before = set(cache.glob("*"))
        world.run("run", MODEL)
        [made[value]] = set(cache.glob("*")) - before
    entry = made["0.9"]
    honest = sha(entry / "model.skops")
    shutil.copy(made["0.02"] / "model.skops", entry / "model.skops")
    planted = sha(entry / "model.skops")
    facts = json.loads((entry / "train.json").read_text())
    (entry / "train.json").write_text(json.dumps(facts | {"model_digest": planted}))
    manifest = json.loads((entry / "manifest.json").read_text())
    manifest["outputs"] = {name: sha(entry / name) for name in manifest["outputs"]}
    (entry / "manifest.json").write_text(json.dumps(manifest))
    return entry, planted, honest


def released(world: World) -> str:
    """The digest of the model in the record that the bot proposes."""
    world.git("fetch", "--quiet", "origin")
    branch = f"origin/mergeline/{MODEL}/staging"
    record = yaml.safe_load(world.git("show", f"{branch}:{SPEC}/releases/1.0.1.yaml"))
    return record["model_digest"]


@pytest.mark.slow
def test_a_step_cache_that_is_committed(staged: World):
    staged.edit("model.yaml", "version: 1.0.0", "version: 1.0.1")
    entry, _, _ = plant(staged)
    staged.git("add", "--force", str(entry))
    staged.push("tidy")
    pull_request = staged.open("tidy")
    checked(staged, pull_request, "tracked-state")
    for command in ("validate", "run"):
        answer = staged.mergeline(command, MODEL, expect=1)
        assert "tracked-state" in answer.out + answer.err
    staged.merge(pull_request)
    before = standing(staged)
    answer = staged.mergeline("apply", MODEL, expect=1)
    assert "a commit may not bring .mergeline" in answer.err
    assert standing(staged) == before
    # Elsewhere, where nothing of it is checked out, it is refused by the commit itself.
    staged.git("rm", "--quiet", "-r", "--cached", ".mergeline")
    refused(staged, "tracked-state", "may not bring .mergeline", "release")


@pytest.mark.slow
def test_a_step_cache_that_is_left_on_the_machine(staged: World):
    staged.edit("model.yaml", "version: 1.0.0", "version: 1.0.1")
    entry, planted, honest = plant(staged)
    assert planted != honest
    staged.push("tidy")
    staged.merge(staged.open("tidy"))
    staged.mergeline("apply", MODEL, "--only", "release")
    assert released(staged) == honest
    assert sha(entry / "model.skops") == honest


def by_blob(world: World, branch: str, files: dict[str, str]) -> None:
    """Commit bytes as they are, so that no attribute has a say in it, and push them."""
    world.git("switch", "--quiet", "--create", branch)
    for path, text in files.items():
        source = world.clone.parent / "blob"
        source.write_bytes(text.encode())
        blob = world.git("hash-object", "-w", "--no-filters", str(source))
        world.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    world.git("commit", "--quiet", "--message", branch)
    world.git("push", "--quiet", "origin", branch)
    world.git("switch", "--quiet", "--force", "main")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attributes", "comment", "rule", "said"),
    [
        # As SHIFT-JIS the character ends in a backslash: what was a comment is code.
        (
            "source.py working-tree-encoding=SHIFT-JIS\n",
            "# \u8868\n",
            "converting-attribute",
            "another file",
        ),
        ("", "# one line\u2028for some readers\n", "hidden-character", "U+2028"),
    ],
    ids=["attribute", "hidden"],
)
def test_code_that_is_not_what_reviewers_see(
    staged: World, attributes: str, comment: str, rule: str, said: str
):
    data = (staged.clone / SPEC / "data.yaml").read_text()
    assert SKLEARN in data
    model = (staged.clone / SPEC / "model.yaml").read_text()
    files = {
        f"{SPEC}/source.py": "# The data.\n\n" + CODE % comment,
        f"{SPEC}/data.yaml": data.replace(SKLEARN, PYTHON),
        f"{SPEC}/model.yaml": model.replace("version: 1.0.0", "version: 1.1.0"),
    }
    by_blob(staged, "reread", files | ({".gitattributes": attributes} if attributes else {}))
    pull_request = staged.open("reread")
    checked(staged, pull_request, rule)
    staged.merge(pull_request)
    refused(staged, rule, said, "release")


@pytest.mark.slow
def test_an_emergency_in_a_line_that_nobody_sees(staged: World):
    line = "\u2028emergency: {reason: 'nobody saw this', by: ada, waives: [approvals-missing]}"
    pull_request = own(
        staged,
        "meeting",
        lambda text: text.replace("emergency: null\n", "") + f"# Approved on Monday.{line}\n",
    )
    staged.approve(pull_request, GRACE, MARGARET)
    checked(staged, pull_request, "hidden-character")
    staged.merge(pull_request)
    before = standing(staged)
    answer = staged.mergeline("apply", MODEL, "--only", "production", "--format", "json", expect=1)
    assert standing(staged) == before, (PRODUCTION, answer.out)


def test_a_token_does_not_go_where_origin_says(world: World):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        for key in ("mergeline.apiurl", "mergeline.repository"):
            world.git("config", "--unset", key)
        world.git("remote", "set-url", "origin", f"https://127.0.0.1:{port}/acme/models.git")
        world.edit("training.yaml", "C: 1.0", "C: 0.9")
        world.git("commit", "--quiet", "--all", "--message", "a change")
        answer = world.run("plan", "--base", "HEAD~1", user=VICTIM)
        assert "no token is sent there" in answer.out + answer.err
        answer = world.run("status", MODEL, user=VICTIM)
        assert VICTIM.token not in answer.out + answer.err
        with pytest.raises(TimeoutError):
            server.accept()
