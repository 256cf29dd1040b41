"""What one job hands to the next: the outputs of a run without a row of its data, by digest.

result.json      the RunResult, its paths relative to the folder
STEP/…           what the steps wrote
handover.json    the digest of each of these files
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from mergeline.digest import digest_file, digest_json
from mergeline.errors import RefusedError, ToolError
from mergeline.pipeline.confined import CONFINED
from mergeline.pipeline.hardware import machine
from mergeline.pipeline.held_to_specs import require_as_specified
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.pipeline.packaging import package_digest
from mergeline.pipeline.result import RESULT, read_result, write_result
from mergeline.pipeline.step import StepFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mergeline.pipeline.context import Champion, Context
    from mergeline.pipeline.result import RunResult

MANIFEST = "handover.json"
# Of each step the files that hold no rows; of the package all.
_FILES = {
    "data": ("data.json", "fetch.json"),
    "features": ("features.json",),
    "train": ("model.skops", "train.json", "machine.json"),
    "evaluate": ("evaluation.json", "timings.json"),
    "package": ("package.json", "model"),
}
# Where each step of a whole run lies in the folder, and the packaged model.
_PATHS = {step: step for step in _FILES} | {"model": "package/model"}


def hand_over(result: RunResult, home: Path, folder: Path, steps: Iterable[str]) -> str:
    """Copy what steps of a run wrote into an empty folder.

    Args:
        result: the run.
        home: the folder that its paths are relative to.
        folder: where it goes.
        steps: those whose outputs are handed over.

    Returns:
        The digest of all of it.

    Raises:
        ToolError: the folder holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ToolError(f"{folder} is not empty", hint="name a folder that is new")
    paths = {}
    for step in steps:
        if step in result.paths:
            _copy(home / result.paths[step], folder / step, (*_FILES[step], CONFINED))
            paths[step] = step
    if "package" in paths:
        paths["model"] = "package/model"
    write_result(msgspec.structs.replace(result, paths=paths), folder)
    files = _digests(folder)
    write_json(folder / MANIFEST, {"files": files})
    return digest_json(files)


def take_over(folder: Path, digest: str | None = None) -> RunResult:
    """Return the run that was handed over, once each file is what it was.

    Args:
        folder: where it is.
        digest: that it must have; None: the one that the folder itself says.

    Raises:
        RefusedError: a file is another one, is missing, or was added.
        ToolError: there is none.
    """
    try:
        said = dict(read_json(folder / MANIFEST)["files"])
        found = _digests(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolError(f"{folder} holds no run that was handed over: {error}") from None
    wrong = sorted(name for name in said.keys() | found.keys() if said.get(name) != found.get(name))
    if wrong:
        raise RefusedError(f"what was handed over was changed: {', '.join(wrong[:5])}")
    if digest is not None and digest_json(found) != digest:
        raise RefusedError(f"what was handed over has digest {digest_json(found)}, not {digest}")
    return read_result(folder)


def trained_for(context: Context, folder: Path, digest: str | None = None) -> RunResult:
    """Return a training that was handed over, if it is one of this very model.

    Raises:
        RefusedError: it was changed, or is of another commit, version or lockfile.
        ToolError: there is none.
    """
    result = take_over(folder, digest)
    _require_same(context, result, "training")
    return result


def require_run_of(
    context: Context, result: RunResult, folder: Path, champion: Champion | None
) -> None:
    """Refuse a run that was handed over unless it is of this very model, whole, and passed.

    Args:
        context: of the model at the commit that is released.
        result: what was handed over.
        folder: where it is.
        champion: the version in production now.

    Raises:
        RefusedError: it is not.
        ToolError: the package has no manifest that can be read.
    """
    _require_same(context, result, "run")
    if not result.passed or not result.clean:
        raise RefusedError("the run that was handed over did not pass")
    if result.paths != _PATHS:
        raise RefusedError("the run that was handed over names other folders than it has")
    against = None if result.champion is None else result.champion.digest
    now = None if champion is None else champion.digest
    if against != now:
        raise RefusedError(
            f"the candidate was compared with {against or 'no champion'}, production has "
            f"{now or 'none'} by now",
            hint="run the release again",
        )
    try:
        _require_same_digests(context, result, folder)
        require_as_specified(context, result, folder, champion)
    except StepFailedError as failure:
        raise RefusedError(failure.findings[0].message) from None
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise RefusedError(f"the run that was handed over is not whole: {error!r}") from None


def _require_same_digests(context: Context, result: RunResult, folder: Path) -> None:
    declared = context.model.data.datasets[0].digest
    if result.digests.get("dataset") != declared:
        raise RefusedError(f"the run is of data with digest {result.digests.get('dataset')}")
    _require_as_written(result, folder)
    package = folder / result.paths["model"]
    found = {
        "artifact": package_digest(package),
        "model": digest_file(package / "model.skops"),
        "evaluation": digest_file(folder / result.paths["evaluate"] / "evaluation.json"),
    }
    for name, digest in found.items():
        if result.digests.get(name) != digest:
            raise RefusedError(f"the run says {result.digests.get(name)} of its {name}: {digest}")


def _require_as_written(result: RunResult, folder: Path) -> None:
    """Refuse a result that says something else than the files that its steps wrote."""
    for (step, file), said in {
        ("data", "data.json"): result.data,
        ("features", "features.json"): result.features,
        ("train", "train.json"): result.training,
        ("train", "machine.json"): result.environment,
        ("evaluate", "evaluation.json"): result.evaluation,
        ("evaluate", "timings.json"): result.timings,
        ("package", "package.json"): result.package,
    }.items():
        if read_json(folder / step / file) != said:
            raise RefusedError(f"the run says something else than its {step}/{file}")
    if set(result.environment) != set(machine()):
        raise RefusedError("the run tells of its machine what is not asked for")
    if list(result.metrics) != result.evaluation.get("metrics"):
        raise RefusedError("the run has other metrics than its evaluation")
    confined = {
        step: read_json(folder / step / CONFINED)
        for step in _FILES
        if (folder / step / CONFINED).is_file()
    }
    if confined != result.confined or "evaluate" not in confined:
        raise RefusedError("the run does not say how the model's code was confined")


def _require_same(context: Context, result: RunResult, what: str) -> None:
    wanted = {
        "model": (result.model, context.model.name),
        "version": (result.version, context.model.model.version),
        "commit": (result.commit, context.commit),
        "task": (result.task, context.model.model.task),
        "risk": (result.risk, context.model.model.risk),
        "lockfile": (result.digests.get("lockfile"), context.lockfile_digest),
    }
    for name, (found, asked) in wanted.items():
        if found != asked:
            raise RefusedError(f"the {what} is of {name} {found}, not {asked}")


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    target.mkdir()
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file by its path; a link is none.

    Raises:
        ValueError: something there is no file.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ValueError(f"{name} is no file")
        if path.is_file() and name != MANIFEST:
            found[name] = digest_file(path)
    if RESULT not in found:
        raise ValueError(f"there is no {RESULT}")
    return found
