"""Record, MLflow and Git hold the same facts of a released version, each at its place."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
import yaml

from loop.world import BOT, GRACE, MARGARET, MODEL, SPEC, World
from mergeline.digest import digest_bytes, digest_file
from mergeline.pipeline.dependencies import installed
from mergeline.pipeline.packaging import package_digest
from mergeline.promotion.record import release_digest
from mergeline.registry.facts import RecordedRun
from mergeline.registry.fields import FIELDS
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.registry.places import Fact, Place
from mergeline.registry.twin import compare, release_tags, unsaid, wanted
from mergeline.settings import resolve
from mergeline.specs.types import Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mergeline.registry.facts import Entry
    from mergeline.registry.places import Spot

RECORD = f"{SPEC}/releases/1.0.0.yaml"
# Of these the specs declare more than a record keeps, or say it in other words.
OTHERWISE = ("metrics", "confidence", "split", "source", "columns", "python")


def registry(world: World) -> MlflowRegistry:
    return MlflowRegistry(resolve(world.clone, {}))


def recorded(world: World) -> Release:
    return msgspec.yaml.decode((world.clone / RECORD).read_bytes(), type=Release)


def entry(world: World) -> Entry:
    store = registry(world)
    found = store.find(MODEL, "1.0.0")
    assert found is not None
    return store.entry(MODEL, found)


@pytest.fixture
def produced(in_production: World) -> World:
    """1.0.0 is in production, and held there."""
    hold = ("hold", MODEL, "--env", "production", "--reason", "an audit")
    in_production.mergeline(*hold)
    in_production.promote("production-hold")
    in_production.apply()
    return in_production


@pytest.mark.slow
def test_each_row_of_the_table_is_true_of_a_released_version(
    produced: World, tmp_path: Path
) -> None:
    world, release, held = produced, recorded(produced), entry(produced)
    assert compare(release, held) == []
    assert unsaid(release) == []
    said = {fact for fact, (_, value) in wanted(release).items() if value is not None}
    left_open = set()
    for field in FIELDS:
        for spot in field.spots:
            if spot.place in (Place.ARTIFACT, Place.RUN_ARTIFACT):
                assert artifact(world, held, spot, tmp_path) == digest_of(release, field.name)
                continue
            there = {fact for fact in held.facts if fact.place is spot.place and names(spot, fact)}
            asked = {fact for fact in said if fact.place is spot.place and names(spot, fact)}
            assert asked <= there, field.name
            left_open |= set() if there else {field.name}
        if field.git is not None:
            in_git(world, release, field.name, field.git)
    # Nobody signed this one, and its registry was never lost.
    assert left_open == {"signature", "rebuilt"}


def verify(world: World, *options: str, expect: int = 1) -> dict[str, dict]:
    """What `status --verify` says of each version."""
    command = ("status", MODEL, "--verify", *options, "--format", "json")
    versions = world.mergeline(*command, expect=expect).json()["versions"]
    return {row["version"]: row for row in versions}


def rules(row: dict) -> list[str]:
    return [one["rule"] for one in row["findings"]]


@pytest.mark.slow
def test_what_is_edited_or_lost_in_the_registry_is_reported_for_what_it_is(
    produced: World,
) -> None:
    world, store, held = produced, registry(produced), entry(produced)
    number, client = held.version.number, store._client
    whole = verify(world, expect=0)["1.0.0"]
    assert (whole["complete"], whole["differing"], whole["findings"]) == (True, [], [])
    assert whole["places"] > 50
    assert "complete: " in world.mergeline("status", "--verify").out

    client.set_model_version_tag(MODEL, str(number), "mergeline.specs", "{}")
    client.delete_model_version_tag(MODEL, str(number), "mergeline.owner")
    found = verify(world, "--no-artifacts")["1.0.0"]
    assert rules(found) == ["field-missing", "field-differs"]
    [owner, specs] = found["differing"]
    assert (owner["field"], owner["place"]) == ("owner", "tag of the version mergeline.owner")
    assert (owner["recorded"], owner["registry"]) == ("team-diagnostics", None)
    assert (specs["field"], specs["registry"]) == ("specs", "{}")
    told = world.run("status", MODEL, "--verify", "--no-artifacts")
    assert "2 of" in told.out
    assert "error[field-differs]: 1.0.0: the registry's tag of the version" in told.err
    store.set_tags(MODEL, number, release_tags(recorded(world)))

    model_id = held.version.model_uri.rpartition("/")[2]
    client.set_logged_model_tags(model_id, {"mergeline.test_set_digest": "sha256:0"})
    assert verify(world, "--no-artifacts")["1.0.0"]["differing"][0]["field"] == "metrics[].dataset"
    digest = recorded(world).metrics[0].dataset
    client.set_logged_model_tags(model_id, {"mergeline.test_set_digest": digest})

    damaged(world, model_id, held.version.run_id)
    unknown(world)
    client.delete_model_version(MODEL, str(number))
    lost = verify(world)["1.0.0"]
    assert rules(lost) == ["version-lost"]


def damaged(world: World, model_id: str, run_id: str) -> None:
    """The model is cut off, and then gone; so is the evidence."""
    kept = world.clone / ".mergeline/artifacts" / MODEL
    file = kept / "models" / model_id / "artifacts/model.skops"
    evidence = kept / run_id / "artifacts/evaluation.json"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert rules(verify(world)["1.0.0"]) == ["artifact-digest"]
    assert verify(world, "--no-artifacts", expect=0)["1.0.0"]["complete"]
    file.write_bytes(content)
    for path in (file.parent, evidence):
        path.rename(path.with_name("aside"))
    assert rules(verify(world)["1.0.0"]) == ["artifact-lost", "artifact-lost"]
    for path in (file.parent, evidence):
        path.with_name("aside").rename(path)
    assert verify(world, expect=0)["1.0.0"]["complete"]


def unknown(world: World) -> None:
    """A version that waits for its record is told; one that serves without any is refused."""
    store, held = registry(world), entry(world).version
    run = RecordedRun(held.run_id, held.model_uri, store.tracking_uri)
    other = {"mergeline.version": "6.6.6", "mergeline.digest": f"sha256:{'6' * 64}"}
    made = store.register(MODEL, run, other)
    [finding] = verify(world, expect=0)["6.6.6"]["findings"]
    assert (finding["rule"], finding["severity"]) == ("version-unrecorded", "warning")
    store.set_alias(MODEL, "production", made.number)
    [finding] = verify(world)["6.6.6"]["findings"]
    assert finding["severity"] == "error"
    assert "production points to it" in finding["message"]
    store.set_alias(MODEL, "production", held.number)


@pytest.mark.slow
def test_a_record_whose_commit_is_gone_is_reported(produced: World) -> None:
    world, path = produced, produced.clone / RECORD
    facts = yaml.safe_load(path.read_text())
    facts["training"]["commit"] = "0" * 40
    path.write_text(yaml.safe_dump(facts | {"digest": release_digest(facts)}))
    world.git("commit", "--quiet", "--all", "--message", "Another commit")
    world.git("push", "--quiet", "origin", "main")
    assert "commit-gone" in rules(verify(world, "--no-artifacts")["1.0.0"])


@pytest.mark.slow
def test_apply_refuses_an_entry_that_lacks_a_field(staged: World) -> None:
    """A tag of the logged model, which no policy sees."""
    store, held = registry(staged), entry(staged).version
    client, model_id = store._client, held.model_uri.rpartition("/")[2]
    client.delete_logged_model_tag(model_id, "mergeline.clean_tree")
    staged.promote("production", GRACE, MARGARET)
    refused = staged.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "production is not set to 1.0.0" in refused.out
    assert "error[field-missing]: 1.0.0: the registry's tag of the logged model" in refused.out
    assert "mergeline.clean_tree is missing; the record says true" in refused.out
    assert "production" not in store.aliases(MODEL)
    client.set_logged_model_tags(model_id, {"mergeline.clean_tree": "true"})
    assert staged.apply()[-1] == ("production", "moved")


def names(spot: Spot, fact: Fact) -> bool:
    pattern = re.escape(spot.key).replace(r"\{\}", ".+")
    return re.fullmatch(pattern, fact.key) is not None


def digest_of(release: Release, field: str) -> str:
    return {
        "artifact.digest": release.artifact.digest,
        "evaluation_digest": release.evaluation_digest,
    }[field]


def artifact(world: World, held: Entry, spot: Spot, folder: Path) -> str:
    """The digest of what MLflow gives, fetched now."""
    if spot.place is Place.ARTIFACT:
        shutil.rmtree(world.clone / ".mergeline/models", ignore_errors=True)
        found = held.version
        return package_digest(registry(world).download_model(MODEL, found.version, found.digest))
    path = registry(world)._client.download_artifacts(held.version.run_id, spot.key, str(folder))
    return digest_file(folder / path)


def in_git(world: World, release: Release, name: str, told: str) -> None:
    """What the table says is in Git is there, and says the same."""
    commit = release.training.commit
    spec = re.fullmatch(r"(\w+\.yaml): ([\w.\[\]]+)", told)
    if spec:
        value = at(yaml.safe_load(world.git("show", f"{commit}:{SPEC}/{spec[1]}")), spec[2])
        facts = msgspec.to_builtins(release)
        if spec[2].split(".")[-1] not in OTHERWISE:
            assert value == at(facts, name), told
        return
    GIT[told](world, release)


def at(node: object, path: str) -> object:
    for key in path.split("."):
        if isinstance(node, (list, tuple)):
            [node] = node
        node = node.get(key.removesuffix("[]")) if isinstance(node, dict) else None
    return node


def _folder(world: World, release: Release) -> None:
    for path, digest in release.specs.items():
        content = world.git("show", f"{release.training.commit}:{SPEC}/{path}") + "\n"
        assert digest_bytes(content.encode()) == digest, path


def _commit(world: World, release: Release) -> None:
    assert world.git("cat-file", "-t", release.training.commit) == "commit"


def _merge(world: World, release: Release) -> None:
    message = world.git("log", "-1", "--format=%s", release.training.commit)
    assert f"#{release.training.pull_request}" in message


def _lockfile(world: World, release: Release) -> None:
    environment = release.environment
    text = world.git("show", f"{release.training.commit}:{environment.lockfile}") + "\n"
    assert digest_bytes(text.encode()) == environment.lockfile_digest
    assert installed(text) == environment.dependencies


def _commits(world: World) -> list[str]:
    path = f"{SPEC}/environments/production.yaml"
    return world.git("log", "--first-parent", "--format=%H", "origin/main", "--", path).split()


def _deployed(world: World) -> dict:
    tags = registry(world).find(MODEL, "1.0.0").tags
    return msgspec.json.decode(tags["mergeline.deployment.production"])


def _reviews(world: World, _: Release) -> None:
    made = _deployed(world)
    assert f"#{made['pull_request']}" in world.git("log", "-1", "--format=%s", made["commit"])
    with world.client(GRACE) as forge:
        given = {(one.author, one.commit_id) for one in forge.reviews(made["pull_request"])}
    assert {(one["reviewer"], one["commit_id"]) for one in made["approvals"]} == given


def _deployments(world: World, _: Release) -> None:
    assert _commits(world)[-1] == _deployed(world)["commit"]


def _policies(world: World, _: Release) -> None:
    from mergeline.git import GitRepository
    from mergeline.policy.library import PolicyLibrary

    made = _deployed(world)
    library = PolicyLibrary.load(GitRepository(world.clone).tree(f"{made['commit']}^1"))
    assert library.digest == made["policies"]


def _wanted(world: World, release: Release) -> None:
    state = yaml.safe_load((world.clone / SPEC / "environments/production.yaml").read_text())
    assert state["version"] == release.version


def _hold(world: World, _: Release) -> None:
    state = yaml.safe_load((world.clone / SPEC / "environments/production.yaml").read_text())
    assert state["hold"]["reason"] == "an audit"
    tags = registry(world).find(MODEL, "1.0.0").tags
    assert msgspec.json.decode(tags["mergeline.hold.production"])["commit"] == _commits(world)[0]


def _release_pull_request(world: World, _: Release) -> None:
    added = world.git("log", "--first-parent", "--format=%s", "origin/main", "--", RECORD)
    assert "#" in added


GIT: dict[str, Callable[[World, Release], None]] = {
    "the files of the model's folder at the training commit": _folder,
    "the training commit itself": _commit,
    "the message of the merge": _merge,
    "the lockfile at the training commit": _lockfile,
    "the bundles beside the record": lambda *_: None,
    "the reviews of the pull request that brought environments/ENV.yaml": _reviews,
    "environments/ENV.yaml, commit by commit": _deployments,
    "policies/ at the commit that it was merged onto": _policies,
    "environments/ENV.yaml: version": _wanted,
    "environments/ENV.yaml: hold": _hold,
    "the pull request that adds its record": _release_pull_request,
}
