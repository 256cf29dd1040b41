"""Run the development forge: `python -m mergeline.devforge --root DIR --config FILE`."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from mergeline.devforge.config import read_config
from mergeline.devforge.git import GitError
from mergeline.devforge.server import DevelopmentForge
from mergeline.errors import MergelineError
from mergeline.libraries import missing_library


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, after one line on standard output: the API's base URL."""
    options = _parser().parse_args(arguments)
    try:
        forge = DevelopmentForge(options.root, read_config(options.config), port=options.port)
    except MergelineError as error:
        return _failed(error)
    except ImportError as error:
        missing = missing_library(error, "the development forge", "forge")
        if missing is None:
            raise
        return _failed(missing)
    except (OSError, GitError) as error:
        sys.stderr.write(f"error: the development forge cannot start: {error}\n")
        return 3
    sys.stdout.write(f"{forge.api_url}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        forge.serve()
    return 0


def _failed(error: MergelineError) -> int:
    sys.stderr.write(f"error: {error}\n  = help: {error.hint}\n")
    return int(error.exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mergeline.devforge", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="where the forge keeps its state")
    parser.add_argument("--config", type=Path, required=True, help="a YAML file")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
