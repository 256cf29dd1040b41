"""The machine that a run ran on, as a registry entry tells it."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> dict[str, str]:
    """Return the Python version, the operating system, the processor and the GPU, if any."""
    return {
        "python": platform.python_version(),
        "os": platform.platform(),
        "cpu": f"{os.cpu_count()} x {_processor()}",
        "gpu": _gpu(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _gpu() -> str:
    found = sorted(Path("/proc/driver/nvidia/gpus").glob("*"))
    return f"{len(found)} x NVIDIA" if found else "none"
