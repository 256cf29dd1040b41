"""What the promotion commands work with, put together from a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.training import retrained_commit, take_commit, train_commit
from mergeline.promotion.services import Services
from mergeline.promotion.statement import builder_of
from mergeline.report.text import progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mergeline.commands.session import Session
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.result import RunResult
    from mergeline.registry.signing import Signing
    from mergeline.registry.trust import Trust


def services_of(session: Session, evaluated: tuple[Path, str] | None = None) -> Services:
    """Return the services of a session.

    Args:
        session: the call.
        evaluated: the folder and the digest of a run that was handed over, which a release takes
            instead of training; None: it trains.

    Raises:
        UsageError: the directory is in no clone, or the forge's repository is not known.
    """
    from mergeline.pipeline.packaging import package_digest

    def train(
        root: Path, name: str, commit: str, champion: Champion | None
    ) -> AbstractContextManager[tuple[RunResult, Path]]:
        if evaluated is not None:
            return take_commit(session, root, name, commit, champion, evaluated)
        return train_commit(session, root, name, commit, champion, progress)

    def retrain(
        root: Path, name: str, commit: str
    ) -> AbstractContextManager[tuple[RunResult, Path]]:
        return retrained_commit(session, root, name, commit, progress)

    def signing(trust: Trust) -> Signing | None:
        from mergeline.registry.signing import choose_signing

        return choose_signing(session.settings, trust)

    return Services(
        git=session.git,
        forge=session.forge,
        registry=session.registry,
        policies=session.judges,
        train=train,
        retrain=retrain,
        state=session.settings.state,
        digest_of=package_digest,
        signing=signing,
        builder=builder_of(session.settings.environ),
        progress=progress,
        clock=session.clock,
        dispatchers=session.settings.dispatchers,
    )
