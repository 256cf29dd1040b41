"""Data that are not public, on their way from the job that fetches to those that train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyrage
import pytest
import yaml
from sklearn import datasets

from loop.jobs import Jobs
from loop.world import SPEC, open_world, seed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loop.world import World

MINE, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
POLICIES = "policies/data.yaml"


def recipients(directory: Path, *identities: pyrage.x25519.Identity) -> None:
    """Have the policies name who may read."""
    path = directory / POLICIES
    text = path.read_text()
    named = ", ".join(str(one.to_public()) for one in identities)
    lines = [line for line in text.splitlines() if not line.startswith("    recipients: ")]
    lines.insert(lines.index("  data:") + 1, f"    recipients: [{named}]")
    path.write_text("\n".join(lines) + "\n")


def of_one_team(directory: Path) -> None:
    """The world's model, with data of one team in a file of the machine that fetches."""
    seed(directory)
    table = directory.parent / "share/patients.parquet"
    table.parent.mkdir()
    datasets.load_breast_cancer(as_frame=True).frame.to_parquet(table, index=False)
    path = directory / SPEC / "data.yaml"
    data = yaml.safe_load(path.read_text())
    data["datasets"][0] |= {
        "source": {"type": "uri", "uri": table.as_uri()},
        "access": {"teams": ["team-diagnostics"]},
    }
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    recipients(directory, MINE)


@pytest.fixture
def private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    with open_world(tmp_path / "world", monkeypatch, capsys, seed=of_one_team) as world:
        world.release("1.0.0")
        yield world


def identity(world: World, *identities: pyrage.x25519.Identity) -> Path:
    """A file as age-keygen writes it."""
    path = world.clone.parent / "identity"
    path.write_text("".join(f"# created: today\n{one}\n" for one in identities))
    return path


def named(world: World, *identities: pyrage.x25519.Identity) -> None:
    """Change the recipients on the default branch."""
    recipients(world.clone, *identities)
    world.git("commit", "--quiet", "--all", "--message", "other recipients")
    world.git("push", "--quiet", "origin", "main")


@pytest.mark.slow
def test_a_release_of_data_that_are_not_public(private: World) -> None:
    jobs = Jobs(private)
    jobs.fetch()
    sealed = sorted(path.name for path in (jobs.handover / "fetched/data").iterdir())
    assert sealed
    assert all(name.endswith(".age") for name in sealed)
    # The bytes of the source are read here no more.
    (private.clone.parent / "share/patients.parquet").unlink()
    mine = identity(private, OTHER, MINE)
    jobs.train(mine)
    jobs.evaluate(mine)
    handed_on = {path.name for path in jobs.handover.rglob("*") if path.is_file()}
    assert not [name for name in handed_on if name.endswith(".parquet")]
    [row, *_] = jobs.register()
    assert (row["subject"], row["action"]) == ("release", "released")


@pytest.mark.slow
def test_who_may_not_read(private: World) -> None:
    """One world serves these: nothing is trained in any of them."""
    jobs = Jobs(private)
    jobs.fetch()
    said = jobs.train(None, expect=3).err
    assert "this machine has no identity to read them" in said
    assert "its path into MERGELINE_DATA_IDENTITY" in said
    said = jobs.train(private.clone.parent / "gone", expect=3).err
    assert "MERGELINE_DATA_IDENTITY cannot be read" in said
    said = jobs.train(identity(private, OTHER), expect=1).err
    assert "cannot be decrypted here" in said
    assert str(OTHER) not in said
    assert not (jobs.handover / "trained").exists()


@pytest.mark.slow
def test_nobody_may_read(private: World) -> None:
    named(private)
    said = Jobs(private).fetch(expect=1).err
    assert "no machine is named that may read them" in said
    assert "organization.data.recipients of policies/data.yaml" in said
    assert not (private.clone.parent / "handover/fetched/data").exists()


@pytest.mark.slow
def test_a_pull_request_hands_on_to_the_recipients_of_its_base(private: World) -> None:
    """`fetch --recipients-from`: what the pull request itself says is not asked."""
    private.git("switch", "--quiet", "--create", "mine")
    recipients(private.clone, OTHER)
    folder = private.clone.parent / "data"
    told = ("--to", str(folder), "--recipients-from", "main")
    private.mergeline("fetch", SPEC.rpartition("/")[2], *told)
    [sealed] = folder.glob("*.receipt.json.age")
    assert b"dataset" in pyrage.decrypt(sealed.read_bytes(), [MINE])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.read_bytes(), [OTHER])
    assert "goes with --to" in private.mergeline("fetch", "x", *told[2:], expect=2).err
