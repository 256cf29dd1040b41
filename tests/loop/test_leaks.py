"""What a pull request would publish for ever is refused before it is merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loop.world import World


def test_a_secret_is_refused_in_a_model_and_beside_it(world: World) -> None:
    world.edit("training.yaml", "C: 1.0", "C: 1.0  # api_key: hunter2-beta")
    waiver = world.clone / "waivers/one.yaml"
    waiver.parent.mkdir()
    waiver.write_text("# password: hunter2-beta\n")
    world.push("leak")
    pull_request = world.open("leak")
    refused = world.mergeline("check", "--pull-request", str(pull_request.number), expect=1)
    assert refused.out.count("error[literal-secret]") == 2
    assert "hunter2" not in refused.out
