"""A forecast from data to package, and that it never sees what is later than its horizon."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline import Champion
from mergeline.pipeline.bootstrap import Blocks, Question, block_draws, interval, resample
from mergeline.pipeline.feature_frame import feature_frame
from mergeline.pipeline.forecast import naive_lag, timeline
from mergeline.pipeline.lags import TimeOrder, positions, shifted
from mergeline.pipeline.predictor import load_predictor
from mergeline.pipeline.resampled import mean_absolute_error
from mergeline.pipeline.series import SeriesError, check_series
from mergeline.pipeline.splits import test_rows as rows_to_test
from mergeline.pipeline.splits import training_rows
from mergeline.specs.types.data import TemporalSplit
from pipeline import sales
from pipeline.workspace import LOCKFILE, Workspace, statuses, template

DATA, EVALUATION = "models/sales/data.yaml", "models/sales/evaluation.yaml"
ORDER = TimeOrder("day", "shop")
HORIZON = 7


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    """A work tree in which `sales` has run: not to be changed."""
    workspace = made(tmp_path_factory.mktemp("forecast"))
    workspace.seal("sales")
    result = workspace.run("sales")
    assert result.outcome == "passed", result.findings
    return workspace, result


def made(root) -> Workspace:
    workspace = Workspace(root)
    workspace.write("requirements.txt", LOCKFILE)
    workspace.write("pipelines/forecasting.yaml", template("forecasting", sales.METRICS))
    for name, text in sales.SALES.items():
        workspace.write(f"models/sales/{name}", text)
    return workspace


def run_on(root, frame: pd.DataFrame):
    """Seal other rows, and return the workspace with the run's result."""
    workspace = made(root)
    workspace.write("models/sales/sales.csv", sales.table(frame))
    workspace.seal("sales")
    return workspace, workspace.run("sales")


def test_a_lag_is_the_value_so_many_days_before_whatever_the_order_of_the_rows():
    frame = sales.sales(days=40)
    lagged = shifted(frame, "sold", ORDER, 3)
    known = {(row.shop, row.day): row.sold for row in frame.itertuples()}
    for row, value in zip(frame.itertuples(), lagged, strict=True):
        before = known.get((row.shop, row.day - pd.Timedelta(days=3)))
        assert value == before or (before is None and np.isnan(value))
    start = frame["day"].min()
    assert positions(frame, ORDER).tolist() == [(day - start).days for day in frame["day"]]
    alone = frame[frame["shop"] == "s0"]
    one = TimeOrder("day")
    assert positions(alone, one).tolist() == [(day - start).days for day in alone["day"]]


@pytest.mark.slow
def test_nothing_later_than_the_horizon_reaches_a_feature(forecast):
    """Whatever becomes of target and visitors from a day on, the week before sees none of it."""
    workspace, _ = forecast
    features = workspace.model("sales").features.features
    frame = sales.sales(days=60)
    changed = frame.copy()
    late = frame["day"] >= frame["day"].min() + pd.Timedelta(days=40)
    changed.loc[late, ["sold", "visitors"]] = 1e6
    before, after = (feature_frame(one, features, {}, ORDER) for one in (frame, changed))
    seen = (frame["day"] < frame["day"].min() + pd.Timedelta(days=40 + HORIZON)).to_numpy()
    pd.testing.assert_frame_equal(before[seen], after[seen])
    assert not before[~seen].equals(after[~seen])


def test_the_gap_keeps_what_the_first_forecast_does_not_know_out_of_training():
    frame = sales.sales(days=40)
    split = TemporalSplit(test_fraction=0.25, time_column="day", gap=HORIZON - 1)
    test = rows_to_test(frame, "sold", split)
    train = training_rows(frame, split, test)
    assert frame["day"][test].min() - frame["day"][train].max() == pd.Timedelta(days=HORIZON)
    assert (~train & ~test).sum() == 2 * (HORIZON - 1)


@pytest.mark.slow
def test_a_run_measures_against_the_seasonal_naive_forecast(forecast):
    _, result = forecast
    frame = sales.sales()
    days = sorted(frame["day"].unique())
    test, trained = days[150:], days[20:144]
    naive, scales, errors = [], {}, []
    by_key = frame.set_index(["shop", "day"])["sold"]
    for shop in ("s0", "s1"):
        values = by_key[shop]
        steps = [abs(values[day] - values[day - pd.Timedelta(days=7)]) for day in trained[7:]]
        scales[shop] = np.mean(steps)
        for day in test:
            error = abs(values[day] - values[day - pd.Timedelta(days=7)])
            naive.append(error)
            errors.append(error / scales[shop])
    found = {row["name"]: row["value"] for row in result.evaluation["seasonal_naive"][:2]}
    assert found["mean_absolute_error"] == pytest.approx(np.mean(naive))
    assert found["mean_absolute_scaled_error"] == pytest.approx(np.mean(errors))
    ours = {row["name"]: row["value"] for row in result.metrics[:2]}
    assert ours["mean_absolute_scaled_error"] < found["mean_absolute_scaled_error"]
    drawn = result.evaluation["curves"]["candidate"]["forecast"]
    assert (drawn["series"], len(drawn["times"])) == (2, 50)
    assert drawn["times"][0] == "2024-05-30T00:00:00"
    assert drawn["actual"][0] == pytest.approx(sum(by_key[shop][days[150]] for shop in scales))


@pytest.mark.slow
def test_the_naive_forecast_looks_back_whole_seasons(forecast):
    workspace, _ = forecast
    model = workspace.model("sales").data
    ahead = type(model.forecast)
    assert [naive_lag(ahead(horizon=h, seasonal_period=7)) for h in (1, 7, 8)] == [7, 7, 14]
    frame = sales.sales(days=30)
    late = frame["day"] >= frame["day"].min() + pd.Timedelta(days=20)
    flat = frame.assign(sold=1.0)
    trained = np.ones((~late).sum(), dtype=bool)
    found = timeline("sold", model.forecast, ORDER, flat[late], flat[~late], trained)
    # A series that never changed has no error to be measured in.
    assert np.isnan(found.scale).all()
    assert (found.naive == 1).all()


@pytest.mark.slow
def test_a_package_forecasts_from_a_row_and_its_past(forecast):
    workspace, result = forecast
    package = workspace.root / result.paths["package"] / "model"
    signature = json.loads((package / "signature.json").read_text())
    assert signature["order"] == {"time_column": "day", "series_column": "shop"}
    assert signature["reach"] == 20
    frame = sales.sales().sort_values("day")
    row, past = frame.tail(1), frame.iloc[:-1]
    of_shop = past[past["shop"] == row["shop"].iloc[0]].tail(20)
    with load_predictor(package, result.digests["artifact"]) as predictor:
        whole = predictor.predict(row, past).values
        alone = predictor.predict(row.assign(sold=np.nan), of_shop).values
        both = predictor.predict(frame.tail(2), frame.iloc[:-2]).values
    # A request brings no more than its reach, and not the value that is forecast.
    assert alone == pytest.approx(whole)
    drawn = result.evaluation["curves"]["candidate"]["forecast"]
    assert drawn["predicted"][-1] == pytest.approx(both.sum(), rel=1e-5)


@pytest.mark.slow
def test_a_champion_of_other_lags_is_compared_on_the_same_rows(forecast, tmp_path):
    workspace, before = forecast
    package = workspace.root / before.paths["package"] / "model"
    artifact = before.digests["artifact"]
    champion = Champion("sales", "1.0.0", "sha256:" + "1" * 64, artifact, lambda: package)
    other = made(tmp_path)
    other.edit("models/sales/features.yaml", "lags: [7, 14]", "lags: [14]")
    other.seal("sales")
    result = other.run("sales", champion=champion)
    theirs = {row["name"]: row["champion"] for row in result.comparison[:2]}
    # It forecasts what it forecast in its own run: its past is the same.
    own = {row["name"]: row["value"] for row in before.metrics[:2]}
    assert theirs == pytest.approx(own, rel=1e-9)
    assert result.same_split is True


@pytest.mark.slow
def test_equal_trainings_give_equal_packages(forecast, tmp_path):
    _, first = forecast
    workspace = made(tmp_path)
    workspace.seal("sales")
    second = workspace.run("sales")
    assert second.digests == first.digests
    assert set(statuses(workspace.run("sales")).values()) == {"cached", "skipped"}


def test_blocks_are_drawn_as_a_textbook_has_it():
    times, length, resamples, seed = 11, 3, 5, 9
    points = np.repeat(np.arange(times), 2)
    draw = np.random.RandomState(seed)
    first = draw.randint(0, times - length + 1, size=(resamples, 4))
    [weights] = block_draws(Blocks(points, length), resamples, seed)
    for starts, row in zip(first, weights, strict=True):
        drawn = [start + step for start in starts for step in range(length)][:times]
        assert row.tolist() == [drawn.count(point) for point in points]


def test_dependent_errors_are_covered_by_blocks_and_not_by_rows():
    """200 series whose errors depend on the day before; a 90 % interval of their mean."""
    draw, inside = np.random.RandomState(0), {"rows": 0, "blocks": 0}
    for number in range(200):
        errors = np.zeros(400)
        for at in range(1, 400):
            errors[at] = 0.7 * errors[at - 1] + draw.normal()
        question = Question(mean_absolute_error, np.zeros(400), errors + 20)
        for name, blocks in (("rows", None), ("blocks", Blocks(np.arange(400), 25))):
            found = interval(resample([question], 200, number, blocks)[0], 0.9)
            inside[name] += found[0] <= 20 <= found[1]
    assert inside["rows"] < 130
    assert 160 <= inside["blocks"] <= 195


def twice(frame):
    return pd.concat([frame, frame.iloc[[5]]])


def a_day_missing(frame):
    return frame[~((frame["shop"] == "s1") & (frame["day"] == pd.Timestamp("2024-02-05")))]


def a_late_shop(frame):
    late = frame[(frame["shop"] == "s1") & (frame["day"] >= pd.Timestamp("2024-06-10"))]
    return pd.concat([frame[frame["shop"] == "s0"], late])


def by_two_days(frame):
    odd = (frame["day"] - frame["day"].min()).dt.days % 2 == 1
    return frame[~((frame["shop"] == "s1") & odd)]


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        (twice, "duplicate-time", '1 rows repeat a time point of series "s'),
        (a_day_missing, "irregular-time", "2024-02-05 00:00:00 is expected after 2024-02-04"),
        (by_two_days, "irregular-time", "series differ in their time step: 2D, D"),
        (a_late_shop, "series-too-short", 'of series "s1" have fewer than 20 time points'),
    ],
)
def test_time_that_is_no_series(tmp_path, change, rule: str, said: str):
    workspace = made(tmp_path)
    text = (workspace.root / DATA).read_text()
    start, end = text.index("    expectations:"), text.index("target: sold")
    workspace.write(DATA, text[:start] + text[end:])
    workspace.write("models/sales/sales.csv", sales.table(change(sales.sales())))
    workspace.seal("sales")
    [issue] = workspace.run("sales").findings
    assert issue.rule == rule
    assert said in issue.message
    assert issue.hint


def test_numbers_order_time_too_and_months_are_even():
    months = pd.DataFrame({"day": pd.date_range("2020-01-31", periods=30, freq="ME")})
    order = TimeOrder("day")
    check_series(months, order)
    with pytest.raises(SeriesError, match="2021-01-31 00:00:00 is expected after 2020-12-31"):
        check_series(months.drop(index=12), order)
    weeks = pd.DataFrame({"day": [3, 1, 2, 4, 5]})
    check_series(weeks, order)
    with pytest.raises(SeriesError, match="no even time step"):
        check_series(weeks[weeks["day"] != 3], order)
    with pytest.raises(SeriesError, match="5 rows lack their time"):
        check_series(weeks.assign(day=np.nan), order)


@pytest.mark.slow
def test_a_target_without_error_to_scale_by_passes_no_gate(tmp_path):
    _, result = run_on(tmp_path, sales.sales().assign(sold=5.0))
    assert "metric-not-finite" in [issue.rule for issue in result.findings]


@pytest.mark.slow
def test_blocks_longer_than_half_the_test(forecast, tmp_path):
    workspace = made(tmp_path)
    workspace.edit(EVALUATION, "block_length: 14", "block_length: 26")
    workspace.seal("sales")
    [issue] = workspace.run("sales").findings
    assert (issue.rule, issue.line) == ("blocks-too-long", workspace.line(EVALUATION, "26"))
    assert issue.message.endswith("cannot be drawn of 50: at most 25")
