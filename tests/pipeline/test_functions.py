"""A model's own code that cannot be loaded."""

from __future__ import annotations

import pytest

from mergeline.errors import ToolError
from mergeline.pipeline.functions import load_function


def test_a_library_that_a_models_code_needs_is_named_with_the_line():
    files = {"features.py": b"import math\nfrom no_such_library import spend\n"}
    with pytest.raises(ToolError) as caught:
        load_function(files, "features.py:spend", "models/churn")
    error = caught.value
    assert error.message == (
        "models/churn/features.py cannot be loaded: "
        "ModuleNotFoundError: No module named 'no_such_library'"
    )
    assert error.hint == "install the package that brings no_such_library"
    assert (error.location.file, error.location.line) == ("models/churn/features.py", 2)
