"""The texts of a new model's evaluation.yaml, deployment.yaml and monitoring.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.scaffold.baseline import FAIRNESS
from mergeline.scaffold.roles import Role
from mergeline.scaffold.scalar import inline

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.baseline import Baseline, Gap, Gate
    from mergeline.scaffold.design import Design
    from mergeline.scaffold.roles import Field

# How much worse than the version in production, as a share of what was measured.
_MARGIN = 0.05
FAIRNESS_THRESHOLD = 0.2


def evaluation_text(found: Baseline, plan: Design) -> str:
    """Return the body of evaluation.yaml."""
    trained, tested = found.rows
    rival = "A constant answer" if plan.forecast is None else "The seasonal naive forecast"
    lines = [
        f"# Measured when this file was made, with {trained} rows to train and {tested} to test.",
        f"# Thresholds lie midway between {rival[0].lower()}{rival[1:]} and the model: a start.",
        "# Put them where the model stops being of use.",
        "baseline: champion",
        "metrics:",
    ]
    for index, gate in enumerate(found.gates):
        lines += _metric(gate, rival, main=index == 0)
    if found.gap is not None:
        lines += _fairness(found.gap)
    lines += [
        "latency:",
        "  percentile: 95",
        "  threshold_milliseconds: 250",
        "confidence:",
        *_method(found, plan),
        "  level: 0.95",
        "  resamples: 1000",
        "  random_seed: 2024",
    ]
    return "\n".join(lines) + "\n"


def _method(found: Baseline, plan: Design) -> list[str]:
    if plan.forecast is None or found.points is None:
        return ["  method: paired_bootstrap"]
    length = max(plan.forecast.horizon, plan.forecast.seasonal_period)
    return [
        "  # Errors resemble those before them: whole runs of time points are drawn.",
        "  method: paired_moving_block_bootstrap",
        f"  block_length: {max(1, min(length, found.points // 2))}",
    ]


def _metric(gate: Gate, rival: str, *, main: bool) -> list[str]:
    threshold = gate.threshold
    if main and threshold is None:
        threshold = gate.constant
    lines = [
        f"  - name: {gate.name}",
        f"    # {rival}: {gate.constant:.4g}; the model: {gate.model:.4g}.",
    ]
    if threshold is None:
        lines.append("    # Too little gained to ask for anything: reported only.")
    else:
        lines.append(f"    threshold: {inline(threshold)}")
    lines.append(f"    greater_is_better: {inline(gate.greater_is_better)}")
    if main:
        margin = float(f"{-abs(gate.model) * _MARGIN:.2g}")
        lines += [
            "    # Not worse than the version in production by more than this, at 95 % confidence.",
            f"    min_absolute_change: {inline(margin)}",
        ]
    return lines


def _fairness(gap: Gap) -> list[str]:
    measured = "too few rows to tell" if gap.value is None else f"{gap.value:.3g}"
    return [
        "fairness:",
        f"  - metric: {FAIRNESS}",
        f"    sensitive_feature: {inline(gap.column)}",
        *(
            ["    # Two groups, cut at the median.", f"    bins: {inline(gap.bins)}"]
            * bool(gap.bins)
        ),
        f"    # The largest difference between groups that you accept. Measured: {measured}.",
        f"    threshold: {inline(FAIRNESS_THRESHOLD)}",
    ]


def deployment_text(answers: Answers) -> str:
    """Return the body of deployment.yaml."""
    lines = ["mode: realtime", "resources:", "  cpu: 0.5", "  memory: 512Mi"]
    lines += ["autoscaling:", "  min_replicas: 1", "  max_replicas: 2"]
    lines += ["environments:", "  staging:", "    strategy: direct", "  production:"]
    if answers.risk == "low":
        lines += ["    # Low risk: all at once.", "    strategy: direct"]
    else:
        lines += [
            "    strategy: canary",
            "    steps:",
            "      - {weight: 10, pause: 30m}",
            "      - {weight: 50, pause: 30m}",
            "      - {weight: 100}",
            "    analysis:",
            "      - {metric: error_rate, threshold: 0.01, interval: 1m}",
        ]
    lines += [
        "    rollback_on:",
        "      - {metric: error_rate, threshold: 0.05, interval: 1m}",
        "    # How long a version serves in staging before.",
        f"    soak: {'72h' if answers.risk == 'high' else '24h'}",
    ]
    return "\n".join(lines) + "\n"


def monitoring_text(
    answers: Answers, plan: Design, found: Baseline, fields: tuple[Field, ...]
) -> str:
    """Return the body of monitoring.yaml."""
    flat = {field.name for field in fields if field.role is Role.NUMBER}
    main = found.gates[0]
    threshold = main.constant if main.threshold is None else main.threshold
    watched = [(group.name, "ks" if set(group.inputs) <= flat else "psi") for group in plan.groups]
    lines = [
        "prediction_log:",
        "  enabled: true",
        "  sample_rate: 1.0",
        f"  features: {inline([name for name, _ in watched])}",
        "  retention: 90d",
        "drift:",
        *(f"  - {{feature: {name}, method: {method}, threshold: 0.2}}" for name, method in watched),
        "performance:",
        "  # How long until the truth is known? Say it here.",
        f"  - {{metric: {main.name}, threshold: {inline(threshold)}, label_delay: 30d}}",
        "evaluation_windows: 3",
        "violation_windows: 2",
        "alerts:",
        f"  - {{severity: warning, team: {inline(answers.owner)}}}",
        "retraining:",
        "  # People train it again, until you know that a trigger adds value: it needs a reason.",
        "  triggers: []",
        "  cooldown: 30d",
    ]
    return "\n".join(lines) + "\n"
