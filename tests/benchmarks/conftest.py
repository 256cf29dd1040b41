from __future__ import annotations

import sys
from pathlib import Path

# `scripts/benchmark` runs that folder, so its files find each other as they do here.
sys.path.append(str(Path(__file__).parents[2] / "scripts" / "benchmarks"))
