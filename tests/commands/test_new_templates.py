"""`mergeline new` as a user runs it: each template, from CSV or Parquet, to a finished run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline.sales import sales
from pipeline.texts import letters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def mergeline(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mergeline", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A new repository; each test makes a model of its own name in it."""
    folder = tmp_path_factory.mktemp("repository") / "models-of-ours"
    done = mergeline(tmp_path_factory.getbasetemp(), "init", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def flowers() -> pd.DataFrame:
    from sklearn.datasets import load_iris

    bunch = load_iris(as_frame=True)
    names = bunch.target_names[bunch.target]
    return bunch.data.rename(columns=lambda name: name.removesuffix(" (cm)")).assign(species=names)


def houses() -> pd.DataFrame:
    draw = np.random.RandomState(8)
    area, age = draw.uniform(40, 200, 200), draw.randint(0, 90, 200)
    price = 3000 * area - 900 * age + draw.normal(0, 20_000, 200)
    return pd.DataFrame({"area": area.round(1), "age": age, "price": price.round()})


def mail() -> pd.DataFrame:
    table = pd.DataFrame(letters(), columns=["subject", "body", "kind"])
    return table.assign(priority=np.arange(len(table)) % 3)


def monthly() -> pd.DataFrame:
    months = pd.date_range("2012-01-01", periods=132, freq="MS")
    draw = np.random.RandomState(2)
    rain = draw.gamma(2, 30, 132).round(1)
    season = 40 * np.sin(2 * np.pi * np.arange(132) / 12)
    used = 300 + season + 0.4 * np.arange(132) + draw.normal(0, 8, 132)
    return pd.DataFrame({"month": months, "rain": rain, "used": used.round(1)})


CASES: dict[str, tuple[str, Callable[[], pd.DataFrame], tuple[str, ...]]] = {
    "flowers": ("classification", flowers, ("--target", "species")),
    "houses": ("regression", houses, ("--target", "price")),
    "mail": ("text-classification", mail, ("--target", "kind")),
    "shops": ("forecasting", sales, ("--target", "sold", "--known-ahead", "promo")),
    "power": ("forecasting", monthly, ("--target", "used", "--horizon", "3")),
}


def saved(folder: Path, frame: pd.DataFrame, name: str) -> Path:
    path = folder / name
    if name.endswith("parquet"):
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, date_format="%Y-%m-%d")
    return path


def spec(repository: Path, model: str, name: str) -> dict:
    return yaml.safe_load((repository / f"models/{model}/{name}.yaml").read_text())


def new(repository: Path, name: str, template: str, data: Path, *flags: str):
    given = ("--template", template, "--data", str(data), "--owner", "team-a", *flags)
    return mergeline(repository, "new", name, *given)


# What is made of a Parquet file is made of its CSV too, as a test below says; one run is enough.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "kind"), [*((case, "csv") for case in CASES), ("power", "parquet")]
)
def test_from_a_table_to_a_finished_run(tmp_path, repository, case: str, kind: str):
    template, frame, flags = CASES[case]
    name = f"{case}-{kind}"
    done = new(repository, name, template, saved(tmp_path, frame(), f"{case}.{kind}"), *flags)
    assert done.returncode == 0, done.stderr
    assert "no better than" not in done.stderr
    checked = mergeline(repository, "validate", name)
    assert checked.returncode == 0, checked.stdout
    run = mergeline(repository, "run", name)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{name} 0.1.0 passed" in run.stdout
    measured = spec(repository, name, "evaluation")["metrics"]
    assert all("threshold" in metric for metric in measured)


@pytest.mark.slow
def test_what_was_inferred(repository, tmp_path):
    for case in ("mail", "shops", "power"):
        template, frame, flags = CASES[case]
        data = saved(tmp_path, frame(), f"{case}.csv")
        assert new(repository, f"{case}-again", template, data, *flags).returncode == 0
    words = {
        row["name"]: row["inputs"] for row in spec(repository, "mail-again", "features")["features"]
    }
    assert words == {
        "subject_words": ["subject"],
        "body_words": ["body"],
        "numbers": ["priority"],
    }
    data = spec(repository, "shops-again", "data")
    assert data["forecast"] == {
        "horizon": 7,
        "seasonal_period": 7,
        "series_column": "shop",
        "known_ahead": ["promo"],
    }
    assert data["split"] == {
        "strategy": "temporal",
        "test_fraction": 0.25,
        "time_column": "day",
        "gap": 6,
    }
    kinds = [row["type"] for row in data["datasets"][0]["expectations"]]
    assert "expect_compound_columns_to_be_unique" in kinds
    made = {row["name"]: row for row in spec(repository, "shops-again", "features")["features"]}
    assert made["lags"]["transform"] == {"type": "lag", "lags": [7, 14]}
    # Nobody knows tomorrow's visitors.
    assert made["others_before"]["inputs"] == ["visitors"]
    assert made["others_before"]["transform"]["lags"] == [7]
    power = spec(repository, "power-again", "data")
    assert power["forecast"] == {"horizon": 3, "seasonal_period": 12}
    confidence = spec(repository, "power-again", "evaluation")["confidence"]
    assert confidence["method"] == "paired_moving_block_bootstrap"
    assert confidence["block_length"] == 12


@pytest.mark.slow
@pytest.mark.parametrize("case", ["flowers", "power"])
def test_the_same_table_makes_the_same_model_whatever_its_file(repository, tmp_path, case):
    template, frame, flags = CASES[case]
    made = []
    for kind in ("csv", "parquet"):
        name = f"{case}-of-{kind}"
        data = saved(tmp_path, frame(), f"{case}.{kind}")
        assert new(repository, name, template, data, *flags).returncode == 0
        texts = [path.read_text() for path in (repository / f"models/{name}").glob("*.yaml")]
        made.append([text.replace(kind, "*") for text in sorted(texts)])
    assert made[0] == made[1]


@pytest.mark.slow
def test_two_models_of_one_team_do_not_contradict_each_other(repository, tmp_path):
    """Both have "numbers", one with gaps that are filled."""
    whole = houses()
    gaps = whole.assign(area=whole["area"].where(whole.index % 9 != 0))
    for name, frame in (("whole", whole), ("gaps", gaps)):
        data = saved(tmp_path, frame, f"{name}.csv")
        done = new(repository, name, "regression", data, "--target", "price")
        assert done.returncode == 0, done.stderr
    checked = mergeline(repository, "validate")
    assert checked.returncode == 0, checked.stdout


def no_time(frame):
    return frame.drop(columns="month")


def twice(frame):
    return pd.concat([frame, frame.tail(1)])


def a_hole(frame):
    return frame.drop(index=60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "frame", "target", "said"),
    [
        (
            "forecasting",
            lambda: no_time(monthly()),
            "used",
            "needs a time column, the data has no such",
        ),
        ("forecasting", lambda: twice(monthly()), "used", "and no column tells them apart"),
        ("forecasting", lambda: a_hole(monthly()), "used", "2017-01-01 00:00:00 is expected after"),
        (
            "forecasting",
            lambda: monthly().head(60),
            "used",
            "the longest series has 60 time points",
        ),
        ("forecasting", lambda: monthly().assign(used=1.5), "used", "holds one value only"),
        (
            "forecasting",
            lambda: sales().assign(other=sales()["shop"]),
            "sold",
            "any of shop, other tells",
        ),
        ("text-classification", lambda: flowers(), "species", "no column holds texts"),
        ("text-classification", lambda: mail().assign(kind="x"), "kind", "holds one value only"),
        (
            "classification",
            lambda: mail().drop(columns="priority"),
            "kind",
            "--template text-class",
        ),
    ],
)
def test_a_table_that_does_not_fit_its_template(
    tmp_path, repository, template, frame, target, said
):
    data = saved(tmp_path, frame(), "table.csv")
    done = new(repository, "unfit", template, data, "--target", target)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert "help:" in done.stderr or "holds one value only" in said
    assert not (repository / "models/unfit").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "flags", "said"),
    [
        ("regression", ("--horizon", "3"), "--horizon is for --template forecasting"),
        ("forecasting", ("--series", "shp"), '--series: the data has no column "shp"'),
        ("forecasting", ("--known-ahead", "used"), "the target is what nobody knows ahead"),
        ("forecasting", ("--horizon", "0"), "--horizon is 0"),
    ],
)
def test_flags_that_do_not_fit(tmp_path, repository, template, flags, said: str):
    data = saved(tmp_path, monthly(), "table.csv")
    done = new(repository, "unfit", template, data, "--target", "used", *flags)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not (repository / "models/unfit").exists()
