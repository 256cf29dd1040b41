"""`mergeline apply` of a promotion into production that was approved and merged.

From the merge to the moved alias: the pull request, its reviews and pushes are asked for, the
approvals counted, the policies evaluated, the package fetched and its digests computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import promoted
from benchmark import Contest
from measuring import Program

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from benchmark import Setting


def prepare(setting: Setting) -> Contest:
    """Release the model, bring it to staging, and merge its promotion into production.

    Raises:
        ToolError: the alias does not move.
    """
    desk = promoted.merged(setting)
    desk.mergeline("apply", promoted.MODEL)
    desk.merge(f"mergeline/{promoted.MODEL}/staging")
    desk.mergeline("apply", promoted.MODEL)
    desk.merge(f"mergeline/{promoted.MODEL}/production", approved=True)
    program = Program(promoted.repeatable(desk, "production"), desk.clone, desk.setting.env)
    said = desk.setting.output(*program.command, cwd=desk.clone)
    if "moved: production: nothing -> 1.0.0" not in said:
        raise ToolError("the promotion is not applied", hint=said)
    return Contest(program)
