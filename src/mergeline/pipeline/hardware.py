"""The machine that a run ran on, as a registry entry tells it."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from pathlib import Path

_NVIDIA = Path("/proc/driver/nvidia")
_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def machine() -> dict[str, str]:
    """Return Python, operating system, processor, GPU and driver, and the limits of threads.

    The threads of a training are training.yaml's; the variables are those of the process.
    """
    return {
        "python": platform.python_version(),
        "os": platform.platform(),
        "cpu": f"{os.cpu_count()} x {_processor()}",
        "gpu": gpu(),
        "driver": driver_version(),
        "threads": " ".join(f"{name}={os.environ[name]}" for name in _LIMITS if name in os.environ)
        or "no limit set",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def gpu(driver: Path = _NVIDIA) -> str:
    """Return how many graphics processors of which kind NVIDIA's driver tells of, or `none`.

    Args:
        driver: the folder where the driver tells of itself.
    """
    counted = Counter(map(_model, sorted((driver / "gpus").glob("*/information"))))
    return ", ".join(f"{count} x {model}" for model, count in sorted(counted.items())) or "none"


def _model(information: Path) -> str:
    try:
        found = re.search(r"^Model:\s*(\S.*?)\s*$", information.read_text(encoding="utf-8"), re.M)
    except OSError:
        found = None
    return found.group(1) if found else "NVIDIA"


def driver_version(driver: Path = _NVIDIA) -> str:
    """Return the version of NVIDIA's driver, `none`, or `unknown` where it does not say.

    Args:
        driver: the folder where the driver tells of itself.
    """
    try:
        text = (driver / "version").read_text(encoding="utf-8")
    except OSError:
        return "none"
    found = re.search(r"\b\d+\.\d+(\.\d+)?\b", text)
    return found.group() if found else "unknown"
