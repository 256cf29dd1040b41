"""Which words name a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.audit.moment import moment_text, parse_moment
from mergeline.errors import UsageError

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
YEARS = {"min_value": datetime(1971, 1, 1), "max_value": datetime(9000, 1, 1)}


@given(st.datetimes(timezones=ZONES, **YEARS))
def test_what_a_clock_says_with_its_zone_is_the_same_moment_in_utc(moment):
    parsed = parse_moment(moment.isoformat())
    assert (parsed, parsed.tzinfo) == (moment, UTC)


@given(st.datetimes(timezones=st.just(UTC), **YEARS))
def test_what_is_printed_is_read_back_to_the_second(moment):
    whole = moment.replace(microsecond=0)
    assert parse_moment(moment_text(int(whole.timestamp()))) == whole


@given(st.text(max_size=30) | st.from_regex(r"[-0-9T:Zz+. ]{0,25}", fullmatch=True))
def test_whatever_is_written_it_is_a_moment_or_refused(text):
    try:
        zone = parse_moment(text).tzinfo
    except UsageError:
        return
    assert zone is UTC


@pytest.mark.parametrize("text", ["2024-09-12T10:00Z", "2024-09-12t12:00:00+02:00"])
def test_seconds_may_be_left_out(text):
    assert parse_moment(text) == datetime(2024, 9, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-12",
        "2024-09-12T10:00",
        "2024-09-12 10:00Z",
        "yesterday",
        "",
        "2024-02-30T10:00Z",
        "2024-09-12T24:01Z",
        "2024-09-12T10:00:60Z",
        "٢٠٢٤-09-12T10:00Z",
        "0001-01-01T00:00+10:00",
    ],
)
def test_what_is_not_certain_is_refused(text):
    with pytest.raises(UsageError, match="names no moment"):
        parse_moment(text)
