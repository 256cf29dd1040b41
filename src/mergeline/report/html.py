"""The page of a run: one file, without scripts and without any request to elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline import __version__
from mergeline.report import numbers
from mergeline.report.evidence import evidence_of
from mergeline.report.figures import figures_of
from mergeline.report.run import verdict
from mergeline.report.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

    from mergeline.pipeline.result import RunResult

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class About:
    """What the specs say of a model, beside what its run left.

    Attributes:
        owner: the team, or None if the specs cannot be read.
        description: what it is for.
        links: name to address; http and https only.
        stale: why the result is not of the specs as they are now, or None.
    """

    owner: str | None = None
    description: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    stale: str | None = None


def page(result: RunResult, about: About) -> str:
    """Return the page.

    Raises:
        ToolError: the result is not what a run writes.
    """
    evidence = evidence_of(result)
    template = page_environment().get_template("run.html.j2")
    return template.render(
        version=__version__,
        result=result,
        evidence=evidence,
        about=about,
        verdict=verdict(result, evidence),
        figures=figures_of(evidence, str(result.features.get("target") or "target")),
        findings=[issue.as_finding() for issue in result.findings],
    )


def page_environment() -> Environment:
    """Return what renders the pages; all that they are given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever a user wrote is shown; control characters among it made visible.
        finalize=_shown,
    )
    names = ("number", "signed", "percent", "duration", "short", "metric_title", "threshold")
    environment.globals |= {name: getattr(numbers, name) for name in names}
    environment.globals |= {"interval": numbers.interval, "counted": numbers.counted}
    return environment


def _shown(value: Any) -> Any:
    # Markup is a str too, but not exactly one: what is drawn passes as it is.
    return printable(value) if type(value) is str else value
