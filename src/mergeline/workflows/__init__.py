"""The generated files of `.github/`: templates and specs in, text out; written or checked."""

from mergeline.workflows.files import Change, Outcome, compare, findings_of, write
from mergeline.workflows.render import render
from mergeline.workflows.templates import CODEOWNERS, Templates, bundled_root, find_templates
from mergeline.workflows.values import Values, values_of

__all__ = [
    "CODEOWNERS",
    "Change",
    "Outcome",
    "Templates",
    "Values",
    "bundled_root",
    "compare",
    "find_templates",
    "findings_of",
    "render",
    "values_of",
    "write",
]
