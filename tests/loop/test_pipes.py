"""Every verb finishes its work and ends with its answer's code, whatever becomes of its output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loop.world import BOT, GRACE, MARGARET, MODEL, ROOT, SPEC, User, World
from mergeline import cli
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MERGELINE = str(Path(sys.executable).with_name("mergeline"))
RELEASE = f"{MODEL}@1.0.0"


@contextmanager
def closed_pipe() -> Iterator[Any]:
    """A pipe whose reader has left, as `head` leaves."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        yield stream


def run(
    world: World, *arguments: str, out: Any, err: Any = subprocess.PIPE, user: User = BOT
) -> tuple[int, str]:
    """Run the command in a process of its own; return its exit code and its standard error."""
    done = subprocess.run(
        [MERGELINE, "-C", str(world.clone), *arguments],
        env=os.environ | {"GITHUB_TOKEN": user.token},
        stdout=out,
        stderr=err,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stderr or ""


def unread(world: World, *arguments: str, user: User = BOT) -> int:
    """Run the command with nobody who reads what it prints; return its exit code."""
    with closed_pipe() as gone:
        code, _ = run(world, *arguments, out=gone, err=gone, user=user)
    return code


def aliases(world: World) -> dict[str, str | None]:
    registry = MlflowRegistry(resolve(world.clone, {}))
    return {name: found.version for name, found in registry.aliases(MODEL).items()}


def approved(world: World) -> None:
    """Merge the approved pull request that sets production: `apply` has its alias to move."""
    world.promote("production", GRACE, MARGARET)


@pytest.mark.slow
def test_apply_moves_all_aliases_though_nobody_reads(staged: World) -> None:
    approved(staged)
    assert unread(staged, "apply", MODEL) == 0
    assert aliases(staged)["production"] == "1.0.0"


@pytest.mark.slow
def test_apply_moves_all_aliases_on_a_full_disk_and_says_that_the_answer_is_lost(
    staged: World,
) -> None:
    approved(staged)
    with Path("/dev/full").open("wb") as full:
        code, said = run(staged, "apply", MODEL, out=full)
    assert code == 3
    assert said.endswith("error: the answer cannot be written: No space left on device\n")
    assert aliases(staged)["production"] == "1.0.0"


@pytest.mark.slow
def test_apply_moves_all_aliases_with_all_streams_closed(staged: World) -> None:
    """No file that it opens may take the number of a closed stream."""
    approved(staged)
    command = f'exec "{MERGELINE}" -C "{staged.clone}" apply {MODEL} <&- >&- 2>&-'
    env = os.environ | {"GITHUB_TOKEN": BOT.token}
    assert subprocess.run(["/bin/sh", "-c", command], env=env, check=False).returncode == 0
    assert aliases(staged)["production"] == "1.0.0"


@pytest.mark.slow
def test_drift_heals_every_environment_though_nobody_reads(in_production: World) -> None:
    registry = MlflowRegistry(resolve(in_production.clone, {}))
    for environment in ("staging", "production"):
        registry._client.delete_registered_model_alias(MODEL, environment)
    assert unread(in_production, "drift", MODEL) == 1
    assert unread(in_production, "drift", MODEL, "--heal", "--issues") == 0
    assert {"staging": "1.0.0", "production": "1.0.0"}.items() <= aliases(in_production).items()


@pytest.mark.slow
def test_a_refusal_is_one_though_nobody_reads(staged: World) -> None:
    """Merged without the approvals that high risk asks for."""
    staged.promote("production")
    assert unread(staged, "apply", MODEL) == 1
    assert "production" not in aliases(staged)


def proposals(world: World) -> set[str]:
    with world.client(GRACE) as forge:
        return {one.head_ref for one in forge.pull_requests()}


@pytest.mark.slow
def test_proposals_are_opened_though_nobody_reads(in_production: World) -> None:
    reason = ("--env", "production", "--reason", "too many alarms")
    assert unread(in_production, "hold", MODEL, *reason, user=GRACE) == 0
    assert any("hold" in branch for branch in proposals(in_production))
    assert (
        unread(in_production, "rollback", MODEL, *reason, user=GRACE) == 1
    )  # there is no earlier release
    assert unread(in_production, "promote", MODEL, "--to", "production", "--version", "9.9.9") == 1


@pytest.mark.slow
def test_a_comment_is_posted_though_nobody_reads(staged: World) -> None:
    number = staged.proposed("production").number
    staged.git("switch", "--quiet", "--detach", staged.proposed("production").head_sha)
    assert unread(staged, "comment", "--pull-request", str(number)) == 0
    with staged.client(GRACE) as forge:
        assert len(forge.comments(number)) == 1


# What acts on files, or judges, in a world whose production pull request lacks its approvals.
VERBS: dict[str, tuple[int, list[str]]] = {
    "validate": (0, ["validate"]),
    "plan": (0, ["plan", "--base", "HEAD~1"]),
    "check": (1, ["check", "--pull-request", "NUMBER"]),
    "status": (0, ["status"]),
    "audit": (0, ["audit", MODEL]),
    "lineage": (0, ["lineage", RELEASE]),
    "card": (0, ["card", RELEASE]),
    "verify": (1, ["verify", RELEASE]),  # nobody signed it
    "reproduce": (0, ["reproduce", RELEASE]),
    "fetch": (0, ["fetch", MODEL]),
    "release": (0, ["release", "fetch", MODEL, "--to", "OUTSIDE/fetched"]),
    "run": (0, ["run", MODEL]),
    "report": (0, ["report", MODEL]),
    "env": (0, ["env", "check", MODEL]),
    "features": (0, ["features", "export", "--output", "features"]),
    "workflows": (1, ["workflows", "--check"]),  # there are none
    "doctor": (1, ["doctor"]),  # there are none
    "policy": (0, ["policy", "list"]),
    "explain": (0, ["explain"]),
    "schema": (0, ["schema", "Model"]),
    "key": (0, ["key", "new", "OUTSIDE/release.pem"]),
    "init": (0, ["init", "OUTSIDE/models"]),
    "completion": (0, ["completion", "bash"]),
}
ELSEWHERE = {"apply", "drift", "hold", "rollback", "promote", "comment", "new"}


def test_every_verb_is_tried() -> None:
    assert VERBS.keys() | ELSEWHERE == cli.COMMANDS.keys()


@pytest.mark.slow
def test_the_exit_code_is_that_of_the_answer_though_nobody_reads(
    staged: World, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    words = {"NUMBER": str(staged.proposed("production").number), "OUTSIDE": str(outside)}

    def filled(word: str) -> str:
        for name, value in words.items():
            word = word.replace(name, value)
        return word

    ended = {verb: unread(staged, *map(filled, call)) for verb, (_, call) in VERBS.items()}
    assert ended == {verb: code for verb, (code, _) in VERBS.items()}
    assert (staged.clone / ".mergeline/reports" / MODEL / "report.html").is_file()
    assert (staged.clone / "features").is_dir()
    assert (outside / "release.pem").read_bytes().startswith(b"-----BEGIN")
    assert (outside / "models/policies/data.yaml").is_file()


@pytest.mark.slow
def test_a_model_is_made_though_nobody_reads(staged: World) -> None:
    rows = [f"{x},{x % 7},{int(x % 5 > 2)}" for x in range(200)]
    (staged.clone / "rows.csv").write_text("\n".join(["a,b,y", *rows]))
    options = ["--template", "classification", "--data", str(staged.clone / "rows.csv")]
    options += ["--target", "y", "--owner", "team-diagnostics", "--risk", "low"]
    assert unread(staged, "new", "churn", *options) == 0
    assert (staged.clone / "models/churn/monitoring.yaml").is_file()


def test_a_known_no_stays_one(staged: World) -> None:
    training = staged.clone / SPEC / "training.yaml"
    training.write_text(training.read_text().replace("random_seed:", "random_sed:", 1))
    for arguments in (["validate"], ["run", MODEL], ["plan", "--base", "HEAD", "--offline"]):
        assert unread(staged, *arguments) == 1


@pytest.fixture
def disown(staged: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Give the clone to another user, as the checkout of a job in a container is."""

    def give() -> None:
        if os.geteuid() == 0:
            shutil.chown(staged.clone, "nobody")
            shutil.chown(staged.clone / ".git", "nobody")
        else:
            monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    yield give
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", raising=False)
    if os.geteuid() == 0:
        shutil.chown(staged.clone, "root")
        shutil.chown(staged.clone / ".git", "root")


@pytest.mark.slow
def test_a_checkout_of_another_user_is_an_error_of_every_verb_that_needs_git(
    staged: World, disown: Callable[[], None]
) -> None:
    approved(staged)
    before = aliases(staged)
    disown()
    asked: dict[str, list[str]] = {
        "plan": ["plan", "--base", "HEAD", "--offline"],
        "validate": ["validate"],
        "apply": ["apply", MODEL],
        "drift": ["drift", MODEL, "--heal"],
        "check": ["check", "--pull-request", "1"],
        "comment": ["comment", "--pull-request", "1"],
        "promote": ["promote", MODEL, "--to", "production"],
        "rollback": ["rollback", MODEL, "--env", "production", "--reason", "r"],
        "hold": ["hold", MODEL, "--env", "production", "--reason", "r"],
        "status": ["status"],
        "audit": ["audit", MODEL],
        "lineage": ["lineage", RELEASE],
        "card": ["card", RELEASE],
        "verify": ["verify", RELEASE],
        "reproduce": ["reproduce", RELEASE],
        "fetch": ["fetch", MODEL],
        "run": ["run", MODEL],
    }
    for verb, arguments in asked.items():
        code, said = run(staged, *arguments, out=subprocess.DEVNULL)
        assert code == 3, (verb, said)
        assert "it belongs to another user" in said, verb
        assert "git config --global --add safe.directory" in said, verb
    assert aliases(staged) == before


@pytest.fixture
def cut(staged: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let `git cat-file` die once it has answered a number of bytes."""
    git = shutil.which("git")
    folder = tmp_path / "bin"
    folder.mkdir()

    def after(count: int) -> None:
        program = folder / "git"
        program.write_text(
            "#!/bin/bash\n"
            f'[ "$1" = cat-file ] || exec {git} "$@"\n'
            f'exec dd bs=1 count={count} status=none < <({git} "$@")\n'
        )
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return after


@pytest.mark.slow
def test_git_that_dies_is_an_error_and_never_a_shorter_answer(
    staged: World, cut: Callable[[int], None]
) -> None:
    for count in (0, 20, 60, 200, 1_000, 4_000, 20_000):
        cut(count)
        for arguments in (
            ["plan", "--base", "HEAD~1", "--offline"],
            ["validate", "--no-cache", "--policies-from", "HEAD"],
        ):
            code, said = run(staged, *arguments, out=subprocess.DEVNULL)
            assert (code, "git cat-file" in said) == (3, True), (count, arguments, said)


@pytest.mark.slow
@pytest.mark.parametrize("named", ["HEAD^{tree}", "HEAD:policies", "HEAD:policies/data.yaml"])
@pytest.mark.parametrize("damage", ["gone", "empty", "random"])
def test_a_damaged_object_is_an_error(staged: World, named: str, damage: str) -> None:
    name = staged.git("rev-parse", named)
    stored = staged.clone / ".git/objects" / name[:2] / name[2:]
    stored.unlink()
    if damage != "gone":
        stored.write_bytes(b"" if damage == "empty" else bytes(range(1, 200)))
    code, said = run(
        staged, "validate", "--no-cache", "--policies-from", "HEAD", out=subprocess.DEVNULL
    )
    assert (code, "the Git object" in said or "git cat-file" in said) == (3, True), said


@pytest.mark.slow
def test_a_damaged_ref_is_an_error(staged: World) -> None:
    (staged.clone / ".git/refs/heads/main").write_bytes(b"")
    for arguments in (["plan", "--base", "HEAD", "--offline"], ["run", MODEL]):
        code, said = run(staged, *arguments, out=subprocess.DEVNULL)
        assert (code, "is damaged" in said) == (3, True), said


@pytest.mark.slow
def test_the_command_prints_characters_that_the_terminal_lacks(staged: World) -> None:
    folder = staged.clone / "models/plain"
    shutil.copytree(ROOT / SPEC, folder)
    (folder / "model.yaml").write_text('name: "ü"\n')
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [MERGELINE, "-C", str(staged.clone), "validate", "plain"],
        env=env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"error[" in done.stdout
