"""How old a secret may be, as the policies say it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mergeline.doctor.doors.secret_age import secret_max_age
from mergeline.errors import UsageError


@pytest.mark.parametrize(
    ("tunables", "age"),
    [
        ({}, None),
        ({"secrets": None}, None),
        ({"secrets": {}}, None),
        ({"secrets": {"max_age": "90d"}}, timedelta(days=90)),
        ({"secrets": {"max_age": "2w"}}, timedelta(days=14)),
    ],
)
def test_the_age_that_the_policies_allow(tunables: dict, age: timedelta | None):
    assert secret_max_age(tunables) == age


@pytest.mark.parametrize(
    "secrets", [{"max_age": 90}, {"max_age": "90 days"}, {"max_ages": "90d"}, ["90d"], "90d"]
)
def test_an_age_that_cannot_be_read_is_an_error(secrets: object):
    with pytest.raises(UsageError, match=r"organization\.secrets cannot be read"):
        secret_max_age({"secrets": secrets})
