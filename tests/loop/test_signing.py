"""A signed release goes through; whatever is put in its place is refused, and nothing moves.

The key signs 1.0.1, of which only the package is new: nothing is trained for it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
import yaml

from loop import test_attacks as attacks
from loop.test_attacks import checked, push_to_main, refused, registry, standing
from loop.world import BOT, GRACE, MARGARET, MODEL, SPEC, World
from made_once import made_once
from mergeline.digest import digest_bytes
from mergeline.registry.signing import KeySigning, NewKey, new_key
from mergeline.registry.trust import Signer
from mergeline.registry.twin import release_tags
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from loop.conftest import Keep


def _write_key(folder: Path) -> None:
    key = new_key()
    (folder / "private").write_bytes(key.private)
    (folder / "public").write_text(key.public)


# As old as the world in which it has signed.
KEPT = made_once("key", _write_key, __file__)
KEY, OTHER = NewKey((KEPT / "private").read_bytes(), (KEPT / "public").read_text()), new_key()
SIGNER = Signer("release-key", public_key=KEY.public)
VERSION = "1.0.1"
BUNDLE = f"{SPEC}/releases/{VERSION}.sigstore.json"
PROVENANCE = f"{SPEC}/releases/{VERSION}.provenance.sigstore.json"
PLACES = {"bundle": BUNDLE, "provenance": PROVENANCE}
RECORD = f"{SPEC}/releases/{VERSION}.yaml"
TRUSTED = {"name": SIGNER.name, "public_key": KEY.public}


def trust(world: World, *signers: dict) -> None:
    """Let the default branch's policies name who may sign."""
    path = world.clone / "policies/data.yaml"
    named = f"    signers: {json.dumps(list(signers))}"
    path.write_text(re.sub("(?m)^    signers: .*$", lambda _: named, path.read_text()))
    push_to_main(world)


@pytest.fixture
def signed(
    keep: Keep, left_in_staging: Path, go_on: Callable[[Path], AbstractContextManager[World]]
) -> Iterator[World]:
    """1.0.1 is signed and in staging; its pull request into production is open."""
    made_of = (__file__, attacks.__file__, str(KEPT / "public"))
    with go_on(keep("signed", _sign, *made_of, start=left_in_staging)) as world:
        yield world


def _sign(world: World) -> None:
    trust(world, TRUSTED)
    world.monkeypatch.setenv("MERGELINE_SIGNING_KEY", KEY.private.decode())
    world.release(VERSION)
    answer = world.mergeline("apply", MODEL, "--only", "release", user=BOT)
    assert "signed by release-key" in answer.out
    number = str(world.proposed("staging").number)
    world.mergeline("check", "--pull-request", number)
    world.promote("staging")
    assert world.apply()[0] == ("staging", "moved")


def stored(world: World, name: str) -> Path:
    """A file of the signed package, where the registry keeps it."""
    found = registry(world).find(MODEL, VERSION)
    folder = found.model_uri.rpartition("/")[2]
    [path] = (world.clone / ".mergeline/artifacts").rglob(f"{folder}/**/{name}")
    return path


@pytest.mark.slow
def test_a_signed_release_goes_to_production(signed: World) -> None:
    record = yaml.safe_load((signed.clone / RECORD).read_text())
    bundle, provenance = ((signed.clone / one).read_bytes() for one in (BUNDLE, PROVENANCE))
    assert record["signature"] == {
        "method": "key",
        "signer": "release-key",
        "bundle": digest_bytes(bundle),
        "provenance": digest_bytes(provenance),
    }
    # The registry has the same, so that whoever downloads the model can verify it.
    assert stored(signed, "model.sigstore.json").read_bytes() == bundle
    assert stored(signed, "provenance.sigstore.json").read_bytes() == provenance
    key = signed.clone.parent / "key.pub"
    key.write_text(KEY.public)
    folder = stored(signed, "model.skops").parent
    command = [sys.executable, "-m", "model_signing", "verify", "key", str(folder)]
    command += ["--signature", str(folder / "model.sigstore.json"), "--public_key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = signed.mergeline("verify", f"{MODEL}@{VERSION}").out
    assert said.endswith(f"{MODEL} {VERSION}: the signature holds\n")
    assert "signed by  release-key, with a key" in said
    assert record["training"]["commit"] in said
    signed.promote("production", GRACE, MARGARET)
    assert signed.apply()[-1] == ("production", "moved")
    assert {row["health"] for row in signed.status().values()} == {"healthy"}
    signed.mergeline("validate")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.skops", "MLmodel", "sbom.cdx.json"])
def test_a_changed_byte(signed: World, name: str) -> None:
    path = stored(signed, name)
    path.write_bytes(path.read_bytes() + b"\n")
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signed-package-differs", f"{name} was changed")
    answer = signed.mergeline("verify", f"{MODEL}@{VERSION}", "--format", "json", expect=1).json()
    assert not answer["holds"]
    rules = {finding["rule"] for finding in answer["findings"]}
    assert rules == {"artifact-digest", "signed-package-differs"}


@pytest.mark.slow
def test_the_bundles_come_back_with_a_lost_registry(signed: World) -> None:
    """Git has them; beside the model they are copies."""
    (signed.clone / ".mergeline/mlflow.db").unlink()
    signed.mergeline("apply", MODEL, "--rebuild-registry", user=BOT)
    for name, path in (("model", BUNDLE), ("provenance", PROVENANCE)):
        assert (
            stored(signed, f"{name}.sigstore.json").read_bytes()
            == (signed.clone / path).read_bytes()
        )
    signed.mergeline("verify", f"{MODEL}@{VERSION}")


@pytest.mark.slow
def test_a_lost_file(signed: World) -> None:
    stored(signed, "requirements.txt").unlink()
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signed-package-differs", "requirements.txt is missing")


@pytest.mark.slow
def test_a_file_that_was_added(signed: World) -> None:
    """The digest of the package covers what it lists; the signature covers the folder."""
    (stored(signed, "model.skops").parent / "sitecustomize.py").write_text("raise SystemExit\n")
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signed-package-differs", "sitecustomize.py was added")


@pytest.mark.slow
def test_a_signer_who_is_trusted_no_more(signed: World) -> None:
    trust(signed, {"name": "another-key", "public_key": OTHER.public})
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signer-unknown", '"release-key"')


@pytest.mark.slow
def test_a_key_of_the_same_name(signed: World) -> None:
    trust(signed, TRUSTED | {"public_key": OTHER.public})
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signature-invalid", "another key signed it")


def put(world: World, **bundles: bytes) -> None:
    """Other bundles in Git; record and registry say that they are right."""
    record = yaml.safe_load((world.clone / RECORD).read_text())
    for part, content in bundles.items():
        record["signature"][part] = digest_bytes(content)
        (world.clone / PLACES[part]).write_bytes(content)
    (world.clone / RECORD).write_text(yaml.safe_dump(record))
    push_to_main(world)
    release = load_repository(WorkingTree(world.clone), {MODEL}).models[MODEL].releases[VERSION]
    number = registry(world).find(MODEL, VERSION).number
    registry(world).set_tags(MODEL, number, release_tags(release))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["bundle", "provenance"])
def test_a_bundle_that_another_key_signed(signed: World, part: str) -> None:
    """The attacker may write to Git and to the registry, but has not got the key."""
    stranger = KeySigning(SIGNER, OTHER.private)
    forged = {
        "bundle": stranger.sign_package(stored(signed, "model.skops").parent),
        "provenance": stranger.sign_statement(statement_of(signed)),
    }
    put(signed, **{part: forged[part]})
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signature-invalid", "another key signed it")


def statement_of(world: World) -> dict:
    bundle = json.loads((world.clone / PROVENANCE).read_bytes())
    return json.loads(b64decode(bundle["dsseEnvelope"]["payload"]))


@pytest.mark.slow
def test_the_provenance_of_something_else(signed: World) -> None:
    """Signed with the right key, of another commit."""
    statement = statement_of(signed)
    [commit, *_] = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    commit["digest"]["gitCommit"] = "0" * 40
    put(signed, provenance=KeySigning(SIGNER, KEY.private).sign_statement(statement))
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "provenance-differs", f"it says {'0' * 40} for commit")


@pytest.mark.slow
def test_a_signature_taken_out(signed: World) -> None:
    """The digest covers who signed, so that nobody can say that nobody did."""
    record = yaml.safe_load((signed.clone / RECORD).read_text())
    record["signature"] = None
    (signed.clone / RECORD).write_text(yaml.safe_dump(record))
    for path in (BUNDLE, PROVENANCE):
        (signed.clone / path).unlink()
    push_to_main(signed)
    signed.promote("production", GRACE, MARGARET)
    refused(signed, "signature-missing", "nobody signed 1.0.1")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["edited", "deleted", "stray"])
def test_a_bundle_is_as_append_only_as_its_record(signed: World, how: str) -> None:
    path = signed.clone / BUNDLE
    if how == "deleted":
        path.unlink()
    elif how == "edited":
        path.write_bytes(path.read_bytes() + b" ")
    else:
        path.with_name("1.0.0.sigstore.json").write_bytes(path.read_bytes())
    rule = "signature-without-release" if how == "stray" else "signature-file-differs"
    answer = signed.mergeline("validate", expect=1)
    assert f"error[{rule}]" in answer.out
    signed.push("bundles")
    checked(signed, signed.open("bundles"), rule)


@pytest.mark.slow
def test_an_unsigned_release_stops_before_production(
    staged_with: Callable[[None], AbstractContextManager[World]],
) -> None:
    """1.0.0 went to staging unsigned; then the organisation named who may sign."""
    with staged_with(None) as world:
        trust(world, TRUSTED)
        world.promote("production", GRACE, MARGARET)
        refused(world, "signature-missing", "nobody signed 1.0.0")
        said = world.mergeline("verify", f"{MODEL}@1.0.0", expect=1).out
        assert said.endswith("1.0.0: nobody signed it\n")
        # And the next one is not even trained without a key, or with one of somebody else.
        world.release(VERSION)
        before = standing(world)
        said = world.mergeline("apply", MODEL, "--only", "release", user=BOT, expect=1)
        assert "must be signed" in said.out + said.err
        assert "MERGELINE_SIGNING_KEY" in said.out + said.err
        world.monkeypatch.setenv("MERGELINE_SIGNING_KEY", OTHER.private.decode())
        said = world.mergeline("apply", MODEL, "--only", "release", user=BOT, expect=1)
        assert "is none of organization.signing.signers" in said.out + said.err
        assert "training" not in said.err
        assert standing(world) == before
