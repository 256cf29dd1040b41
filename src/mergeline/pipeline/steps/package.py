"""The package step: everything that serving needs, in one folder with one digest."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_file, digest_json
from mergeline.pipeline.bill_of_materials import SBOM, Dataset, Materials, bill_of_materials
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.pipeline.lockfile import locked, pins
from mergeline.pipeline.step import OfInputsAlone, StepFailedError
from mergeline.pipeline.steps.features import code_digests, transform_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context

Row = dict[str, Any]


class PackageStep(OfInputsAlone):
    """Writes the folder `model/` and `package.json` with its artifact digest.

    In the folder: `model.skops`, the Python files of the transforms, `signature.json` (inputs,
    output, features), `provenance.json` (what it was trained on), `requirements.txt` (pins of
    the lockfile), `sbom.cdx.json` (all that it is made of), `MLmodel` (how MLflow loads it) and
    `manifest.json`, whose digest is the artifact digest.
    """

    name = "package"
    needs: tuple[str, ...] = ("data", "features", "train")

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the names, the version, the code of the transforms and the lockfile."""
        return {
            "name": context.model.name,
            "version": context.model.model.version,
            "description": context.model.model.description,
            "task": context.model.model.task,
            "target": context.model.data.target,
            "forecast": msgspec.to_builtins(context.model.data.forecast),
            "columns": context.model.documents["data.yaml"].value["datasets"][0]["columns"],
            "code": code_digests(context),
            "lockfile": context.lockfile_digest,
        }

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Fill the folder and seal it."""
        from mergeline.registry.mlflow import MLMODEL, mlmodel

        folder = output / "model"
        folder.mkdir()
        shutil.copyfile(upstream["train"] / "model.skops", folder / "model.skops")
        for name, code in transform_code(context).items():
            (folder / name).write_bytes(code)
        signature = _signature(context, upstream)
        write_json(folder / "signature.json", signature)
        (folder / MLMODEL).write_text(mlmodel(signature))
        write_json(folder / "provenance.json", _provenance(context, upstream))
        lockfile = _lockfile(context)
        (folder / "requirements.txt").write_text("\n".join(pins(lockfile)) + "\n")
        materials = _materials(context, upstream, folder, lockfile)
        (folder / SBOM).write_bytes(bill_of_materials(materials))
        files = {path.name: digest_file(path) for path in sorted(folder.iterdir())}
        write_json(folder / "manifest.json", {"files": files})
        facts = {"artifact_digest": digest_json(files), "files": files}
        write_json(output / "package.json", facts)


def _signature(context: Context, upstream: Mapping[str, Path]) -> Row:
    from mergeline.pipeline.lags import order_of, reach

    features = context.model.features.features
    order = order_of(context.model.data)
    read = {name for feature in features for name in feature.inputs}
    read |= set() if order is None else set(order.columns)
    columns = context.model.data.datasets[0].columns
    classes = read_json(upstream["features"] / "features.json")["classes"]
    words = classes is not None and isinstance(classes[0], str)
    return {
        "name": context.model.name,
        "task": context.model.model.task,
        "inputs": [
            {"name": column.name, "type": column.type, "nullable": column.nullable}
            for column in columns
            if column.name in read
        ],
        "output": {
            "name": context.model.data.target,
            "type": "float64" if classes is None else "string" if words else "int64",
            "classes": classes,
        },
        "features": msgspec.to_builtins(features),
        # Of a forecast: what orders the rows, and how many earlier ones a request brings along.
        "order": None if order is None else asdict(order),
        "reach": reach(features),
    }


def _provenance(context: Context, upstream: Mapping[str, Path]) -> Row:
    data = read_json(upstream["data"] / "data.json")
    features = read_json(upstream["features"] / "features.json")
    training = context.model.training
    return {
        "dataset": data["digest"],
        "test_set": features["test_set"],
        "estimator": training.estimator,
        "hyperparameters": training.hyperparameters,
        "random_seed": training.random_seed,
        "lockfile": context.lockfile_digest,
    }


def _materials(
    context: Context, upstream: Mapping[str, Path], folder: Path, lockfile: str
) -> Materials:
    model, training = context.model.model, context.model.training
    data = read_json(upstream["data"] / "data.json")
    return Materials(
        name=context.model.name,
        version=model.version,
        description=" ".join(model.description.split()),
        digest=digest_file(folder / "model.skops"),
        properties={"task": model.task, "estimator": training.estimator},
        packages=locked(lockfile),
        datasets=[Dataset(data["name"], data["digest"], data["uri"])],
        code=code_digests(context),
    )


def _lockfile(context: Context) -> str:
    if not context.lockfile.is_file():
        message = f"there is no {context.model.training.environment.lockfile}"
        document = context.model.documents["training.yaml"]
        place, hint = ("environment", "lockfile"), "make it, with hashes"
        raise StepFailedError([document.finding("missing-lockfile", message, place, hint=hint)])
    return context.lockfile.read_text(encoding="utf-8")
