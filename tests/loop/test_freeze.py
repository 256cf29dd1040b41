"""A freeze stops promotions by the moment of their merge, and holds go on."""

from __future__ import annotations

import pytest

from loop.world import BOT, GRACE, MARGARET, MODEL, World

pytestmark = pytest.mark.slow
FREEZES = "  freezes:\n"
NOW = """  freezes:
    - from: 2020-01-01T00:00:00Z
      to: 2999-01-01T00:00:00Z
      environments: [production]
      reason: stocktaking
      by: platform
"""


def test_nothing_is_promoted_in_a_freeze_but_a_hold_is_set(in_production: World) -> None:
    world = in_production
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    world.apply()
    world.promote("staging")
    world.apply()
    data = world.clone / "policies/data.yaml"
    text = data.read_text()
    assert text.count(FREEZES) == 1
    data.write_text(text.replace(FREEZES, NOW))
    world.git("commit", "--quiet", "--all", "--message", "stocktaking")
    world.git("push", "--quiet", "origin", "main")

    proposed = world.proposed("production")
    world.approve(proposed, GRACE, MARGARET)
    frozen = "production is frozen until 2999-01-01T00:00:00Z by platform: stocktaking"
    told = world.mergeline("check", "--pull-request", str(proposed.number), expect=1)
    assert frozen in told.out

    # Nothing runs differently because of a hold, so it may be set; staging is not frozen.
    world.mergeline("hold", MODEL, "--env", "production", "--reason", "stocktaking")
    holding = world.proposed("production-hold")
    world.mergeline("check", "--pull-request", str(holding.number))

    world.merge(proposed)
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert frozen in refused.out
    assert world.status(expect=1)["production"]["actual"]["version"] == "1.0.0"
