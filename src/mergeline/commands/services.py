"""What the promotion commands work with, put together from a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.training import retrained_commit, train_commit
from mergeline.promotion.services import Services
from mergeline.report.text import progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mergeline.commands.session import Session
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.result import RunResult


def services_of(session: Session) -> Services:
    """Return the services of a session.

    Raises:
        UsageError: the directory is in no clone, or the forge's repository is not known.
    """
    from mergeline.pipeline.packaging import package_digest

    def train(root: Path, name: str, commit: str, champion: Champion | None) -> RunResult:
        return train_commit(session, root, name, commit, champion, progress)

    def retrain(
        root: Path, name: str, commit: str
    ) -> AbstractContextManager[tuple[RunResult, Path]]:
        return retrained_commit(session, root, name, commit, progress)

    return Services(
        git=session.git,
        forge=session.forge,
        registry=session.registry,
        policies=session.judges,
        train=train,
        retrain=retrain,
        state=session.settings.state,
        digest_of=package_digest,
        progress=progress,
        clock=session.clock,
        dispatchers=session.settings.dispatchers,
    )
