"""A release that a key in a token signs, by SoftHSM; without the token nothing is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from loop.test_attacks import registry
from loop.test_signing import RECORD, VERSION, trust
from loop.world import BOT, MODEL, World
from mergeline.registry.signing import own_public_key
from registry.tokens import PIN, make_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.mark.slow
def test_a_key_in_a_token_signs_a_release(
    left_in_staging: Path,
    go_on: Callable[[Path], AbstractContextManager[World]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with go_on(left_in_staging) as world:
        world.monkeypatch.setenv("SOFTHSM2_CONF", "")
        uri = make_token(tmp_path_factory.mktemp("softhsm")).uri("p256")
        trust(world, {"name": "hsm", "public_key": own_public_key(uri, PIN)})
        world.monkeypatch.setenv("MERGELINE_SIGNING_KEY", uri)
        world.monkeypatch.setenv("MERGELINE_SIGNING_KEY_PASSWORD", "wrong")
        world.release(VERSION)
        answer = world.mergeline("apply", MODEL, "--only", "release", user=BOT, expect=3)
        assert "the PIN is wrong" in answer.out
        assert "help: correct MERGELINE_SIGNING_KEY_PASSWORD" in answer.out
        assert registry(world).find(MODEL, VERSION) is None
        world.monkeypatch.setenv("MERGELINE_SIGNING_KEY_PASSWORD", PIN)
        answer = world.mergeline("apply", MODEL, "--only", "release", user=BOT)
        assert "signed by hsm" in answer.out
        assert PIN not in answer.out + answer.err
        number = str(world.proposed("staging").number)
        world.mergeline("check", "--pull-request", number)
        world.promote("staging")
        assert world.apply()[0] == ("staging", "moved")
        said = world.mergeline("verify", f"{MODEL}@{VERSION}").out
        assert said.endswith(f"{MODEL} {VERSION}: the signature holds\n")
        record = (world.clone / RECORD).read_text()
        assert yaml.safe_load(record)["signature"]["signer"] == "hsm"
        kept = [path for path in world.clone.rglob("*") if path.is_file()]
        assert not [path for path in kept if PIN.encode() in path.read_bytes()]
