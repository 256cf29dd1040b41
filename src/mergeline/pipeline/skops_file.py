"""Models as skops files: one byte form for equal models, and a list of what may be loaded.

skops names the parts of a file by the addresses of objects and stamps them with the time, so
two equal trainings give two files. Here the parts are numbered in the order in which the
schema mentions them, sets are sorted, gaps between the fields of structured arrays are zeroed,
what estimators remember of their process is forgotten, and times are fixed. skops reads the result
like any of its files. The only importer of skops.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
# Leaves cannot change, so whether two of them are one object says nothing about the model.
_LEAVES = frozenset({"JsonNode", "TypeNode", "FunctionNode", "DTypeNode"})
# Attributes that tell of a process and not of the model: the address by which a vectorizer knows
# that it has looked at its stop words, and the threads that a histogram was made with.
_OF_THE_PROCESS = {"_stop_words_id": "0", "n_threads": "1"}
_DISTANCES = (
    "BrayCurtis Canberra Chebyshev Dice Euclidean Hamming Haversine Jaccard Mahalanobis Manhattan "
    "Matching Minkowski RogersTanimoto RussellRao SEuclidean SokalMichener SokalSneath"
)
# What the files of scikit-learn's estimators hold beside what skops itself trusts: its estimators,
# ufuncs and plain values. Nothing here calls what a file names, opens a file or compiles a text.
_TYPES = frozenset(
    (
        "functools.partial",
        "numpy.dtype",
        "numpy.mean",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "scipy.sparse._csc.csc_array",
        "scipy.sparse._csc.csc_matrix",
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csr.csr_matrix",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.cluster._bisect_k_means._BisectingTree",
        "sklearn.cluster._kmeans._kmeans_single_elkan",
        "sklearn.cluster._kmeans._kmeans_single_lloyd",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils.validation.check_array",
        *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in _DISTANCES.split()),
    )
)
_DAMAGED = (
    *(OSError, KeyError, ValueError, TypeError, AttributeError, RecursionError),
    zipfile.BadZipFile,
)
_VECTORIZERS = frozenset({"CountVectorizer", "HashingVectorizer", "TfidfVectorizer"})


def dump_model(model: Any, path: Path) -> None:
    """Write a model; equal models give equal bytes."""
    import skops.io

    path.write_bytes(canonical(skops.io.dumps(model)))


def load_model(path: Path) -> Any:
    """Load a model of which each part has a type that is on the list.

    It answers with one job: several add up what the trees of a forest say in the order in which
    they come, and the last bit of the sum depends on that order.

    Raises:
        ToolError: the file is no skops file, or holds types that are not on the list.
    """
    import skops.io

    try:
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            refused = _reading_files(json.loads(archive.read(_SCHEMA)))
        unknown = skops.io.get_untrusted_types(data=content)
        refused += sorted(set(unknown) - _TYPES)
        if not refused:
            return _of_one_job(skops.io.loads(content, trusted=unknown))
    except _DAMAGED as error:
        raise ToolError(
            f"{path.name} cannot be loaded: {error}", hint="train the model again"
        ) from None
    raise ToolError(
        f"{path.name} holds types that may not be loaded: {', '.join(refused)}",
        hint="train it with an estimator of scikit-learn that holds plain values only",
    )


def _reading_files(node: Any) -> list[str]:
    """Return the vectorizers that would take the values of a row for names of files."""
    found = [name for child in _children(node) for name in _reading_files(child)]
    if not isinstance(node, dict) or node.get("__class__") not in _VECTORIZERS:
        return found
    # What is not written there plainly is not looked for elsewhere.
    kind = json.loads(node["content"]["content"]["input"]["content"])
    return found if kind == "content" else [*found, f"{node['__class__']} that reads files"]


def _of_one_job(model: Any) -> Any:
    names = [name for name in model.get_params() if name.rpartition("__")[2] == "n_jobs"]
    return model.set_params(**dict.fromkeys(names, 1))


def canonical(content: bytes) -> bytes:
    """Return a skops file in its one byte form."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        numbering = _Numbering()
        numbering.visit(_sorted_sets(_without_process(schema)))
        parts = {new: archive.read(old) for old, new in numbering.files.items()}
    # The order of keys is kept: skops lists the types of a mapping's keys beside it, in that order.
    schema_text = json.dumps(schema, separators=(",", ":"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(_entry(name), _without_gaps(part) if name.endswith(".npy") else part)
        archive.writestr(_entry(_SCHEMA), schema_text)
    return buffer.getvalue()


class _Numbering:
    """New numbers for objects and files, by first mention."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._objects: dict[int, int] = {}
        self._count = 0

    def visit(self, node: Any) -> None:
        """Renumber a schema in place."""
        if isinstance(node, dict):
            self._renumber(node)
        for child in _children(node):
            self.visit(child)

    def _renumber(self, node: dict[str, Any]) -> None:
        if "__loader__" not in node:
            return
        if "__id__" in node:
            node["__id__"] = self._number(node)
        if isinstance(node.get("file"), str):
            suffix = node["file"].rpartition(".")[2]
            fresh = f"{len(self.files) + 1:06}.{suffix}"
            node["file"] = self.files.setdefault(node["file"], fresh)

    def _number(self, node: dict[str, Any]) -> int:
        self._count += 1
        if node["__loader__"] in _LEAVES:
            return self._count
        return self._objects.setdefault(node["__id__"], self._count)


def _without_process(node: Any) -> Any:
    """Let no attribute tell of the process that the model was trained in, in place."""
    for key, child in node.items() if isinstance(node, dict) else ():
        if key in _OF_THE_PROCESS and isinstance(child, dict):
            child["content"] = _OF_THE_PROCESS[key]
    for child in _children(node):
        _without_process(child)
    return node


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _sorted_sets(node: Any) -> Any:
    """Sort the elements of sets in place: their order follows PYTHONHASHSEED."""
    for child in _children(node):
        _sorted_sets(child)
    if isinstance(node, dict) and node.get("__loader__") == "SetNode":
        node["content"].sort(key=lambda child: json.dumps(_plain(child), sort_keys=True))
    return node


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(child) for key, child in node.items() if key != "__id__"}
    return [_plain(child) for child in node] if isinstance(node, list) else node


def _without_gaps(part: bytes) -> bytes:
    """Zero the bytes between the fields of a structured array: they hold whatever was there."""
    array = np.load(io.BytesIO(part), allow_pickle=False)
    if not array.dtype.names:
        return part
    clean = np.zeros(array.shape, dtype=array.dtype)
    for name in array.dtype.names:
        clean[name] = array[name]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
