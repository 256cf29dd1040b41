"""`mergeline key`: make a key that signs releases, and say how the policies trust it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_verbs
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError
from mergeline.report.text import progress, say

if TYPE_CHECKING:
    import argparse

_VERBS = {
    "new": "write a new private key to FILE",
    "show": "print what policies/data.yaml says to trust the key in FILE, or of a PKCS#11 URI "
    "(default: that of MERGELINE_SIGNING_KEY)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of the command."""
    add_verbs(parser, _VERBS)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the private key, as PEM")
    parser.add_argument(
        "--name",
        default="release-key",
        metavar="NAME",
        help="what release records call who holds the key (default: release-key)",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Make or read a key, and print how to trust it."""
    from mergeline.registry.signing import own_public_key

    session = Session(arguments)
    settings = session.settings
    if arguments.verb == "new":
        public = _new(session, arguments.file)
    else:
        key = arguments.file or settings.signing_key
        if key is None:
            raise UsageError(
                "there is no key to show", hint="name its file, or set MERGELINE_SIGNING_KEY"
            )
        public = own_public_key(key, settings.signing_password)
    say(_trusted(arguments.name, public))
    progress(
        "Write this to policies/data.yaml, into signers of organization.signing (in place of [], "
        "or below what is there), and open a pull request: it counts once that is merged."
    )
    return int(ExitCode.YES)


def _new(session: Session, file: str | None) -> str:
    from mergeline.registry.signing import is_token, new_key

    if file is None:
        raise UsageError("mergeline key new takes a file", hint="mergeline key new ~/release.pem")
    if is_token(file):
        raise UsageError(
            "mergeline key new makes no keys in tokens",
            hint="make it with the tool of your HSM, then run mergeline key show",
        )
    path = Path(file).expanduser()
    # Of the file itself a link stays a link: it is never followed.
    path = path.parent.resolve() / path.name
    _refuse_clone(path)
    key = new_key(session.settings.signing_password)
    try:
        # Made for its owner alone from the first moment on, and never in place of another one.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            hint="name a new file, in a folder that is there",
        ) from None
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(key.private)
    locked = "" if session.settings.signing_password else ", without a password"
    progress(f"{path} holds the private key{locked}. Who has it can sign releases: keep it safe.")
    progress(f"Where releases are made: export MERGELINE_SIGNING_KEY={path}")
    return key.public


def _refuse_clone(path: Path) -> None:
    """Refuse a place from which the key is committed and pushed sooner or later."""
    from mergeline.git import GitRepository

    clone = next((folder for folder in path.parents if (folder / ".git").exists()), None)
    if clone is not None and not GitRepository(clone).ignores(path):
        raise UsageError(
            f"{path} lies in a Git repository, which does not ignore it",
            hint="name a file elsewhere, such as ~/release-key.pem",
        )


def _trusted(name: str, public: str) -> str:
    """Return a signer as an item of the list in policies/data.yaml."""
    lines = "\n".join(f"          {line}" for line in public.strip().splitlines())
    return f"      - name: {name}\n        public_key: |\n{lines}"
