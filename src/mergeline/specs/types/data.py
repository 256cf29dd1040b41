"""data.yaml: the dataset, what must hold for it, and how it is split."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import (
    ColumnType,
    Count,
    Digest,
    Duration,
    Fraction,
    FunctionPath,
    Name,
    Natural,
    Parameter,
    RelativePath,
    Seed,
    Team,
    Text,
)

# The loaders of scikit-learn that read what comes with it; others read paths or the network.
BUNDLED = (
    *("load_breast_cancer", "load_diabetes", "load_digits", "load_iris"),
    *("load_linnerud", "load_wine"),
)


class SklearnSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="sklearn"):
    """A dataset that is bundled with scikit-learn."""

    loader: Annotated[
        str,
        Meta(
            pattern=r"^load_[a-z0-9_]+$(?!\n)",
            description="The function of sklearn.datasets; called with as_frame=True.",
            examples=["load_breast_cancer"],
        ),
    ]


class FileSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="file"):
    """A CSV or Parquet file in the model folder."""

    path: Annotated[RelativePath, Meta(description="The file, relative to the model folder.")]


class PythonSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="python"):
    """A function in the model folder that returns a pandas DataFrame.

    It is called with `parameters` as keyword arguments and must answer the same each time.
    """

    function: FunctionPath
    parameters: Annotated[
        dict[str, Parameter], Meta(description="The function's keyword arguments.")
    ] = {}


class UriSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="uri"):
    """A CSV or Parquet file at an address that fsspec reads."""

    uri: Annotated[
        str,
        Meta(
            # No part of it goes up: what that means is another thing in each store.
            pattern=r"^(?!.*/\.\.(/|$))[a-z][a-z0-9+.-]*://(?!\.\./)[^\s]+$(?!\n)",
            description=(
                "The address of one file, by its scheme s3, gs, abfs, https or file. "
                "Credentials come from the environment alone."
            ),
            examples=["s3://acme-data/loans/2026-01.parquet"],
        ),
    ]


class DvcSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="dvc"):
    """A CSV or Parquet file that DVC keeps, by its pointer in the model folder."""

    pointer: Annotated[
        RelativePath,
        Meta(
            description="The .dvc file, relative to the model folder.",
            examples=["loans.parquet.dvc"],
        ),
    ]


class LakefsSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="lakefs"):
    """A CSV or Parquet file in a lakeFS repository."""

    uri: Annotated[
        str,
        Meta(
            pattern=r"^(?!.*/\.\.(/|$))lakefs://[a-z0-9][a-z0-9-]{2,62}/[A-Za-z0-9_.~^-]+/[^\s?#]+$(?!\n)",
            description="lakefs://REPOSITORY/REF/PATH; a commit as REF never moves.",
            examples=["lakefs://loans/7f3a9c1e/tables/2026-01.parquet"],
        ),
    ]


class SqlSource(Struct, frozen=True, kw_only=True, tag_field="type", tag="sql"):
    """The answer of a database to a query, kept as a snapshot.

    The query must answer the same each time: order the rows by a unique key.
    """

    connection: Annotated[
        str,
        Meta(
            # What other tools read, such as the registry's address, never has this ending.
            pattern=r"^[A-Z][A-Z0-9_]*_DATABASE$(?!\n)",
            description=(
                "The environment variable that holds SQLAlchemy's URL of the database; its name "
                "ends in _DATABASE."
            ),
            examples=["LOANS_DATABASE"],
        ),
    ]
    query: Annotated[
        RelativePath,
        Meta(
            description="The file with one SELECT, relative to the model folder.",
            examples=["loans.sql"],
        ),
    ]
    parameters: Annotated[
        dict[str, Parameter], Meta(description="Values of the query's `:name` places.")
    ] = {}


Source = (
    SklearnSource | FileSource | PythonSource | UriSource | DvcSource | LakefsSource | SqlSource
)


class Column(Struct, frozen=True, kw_only=True):
    """A column of a dataset."""

    name: Annotated[
        Text, Meta(description="The name of the column in the source.", examples=["amount"])
    ]
    type: Annotated[ColumnType, Meta(description="The type of its values.")]
    nullable: Annotated[bool, Meta(description="May values be missing?")] = False
    pii: Annotated[bool, Meta(description="Does the column hold personal data?")] = False
    pii_treatment: Annotated[
        Literal["hashed", "pseudonymised", "dropped"] | None,
        Meta(
            description=(
                "How personal data are kept from training and logs. hashed: the source holds "
                "hexadecimal digests, which the data step checks. pseudonymised: the source holds "
                "other stand-ins, which an expectation checks by their form. dropped: read and "
                "checked, then left out of everything that follows. null: as it is, so no feature "
                "may read it."
            )
        ),
    ] = None
    description: Annotated[
        Text | None, Meta(description="What the values mean, with their unit.")
    ] = None


class Expectation(Struct, frozen=True, kw_only=True):
    """An expectation in Great Expectations' own names."""

    type: Annotated[
        str,
        Meta(
            pattern=r"^expect_[a-z0-9_]+$(?!\n)",
            description="The type of the expectation, as Great Expectations calls it.",
            examples=["expect_column_values_to_be_between"],
        ),
    ]
    kwargs: Annotated[
        dict[str, Parameter], Meta(description="The expectation's keyword arguments.")
    ] = {}


class Access(Struct, frozen=True, kw_only=True):
    """Who may read a dataset that is not public."""

    teams: Annotated[
        tuple[Team, ...],
        Meta(
            min_length=1,
            description=(
                "The teams whose people may read the rows, each with their own credential. Others "
                "see what a model learned from them, but no row."
            ),
            examples=[["risk-analytics"]],
        ),
    ]


class Dataset(Struct, frozen=True, kw_only=True):
    """A dataset: where it comes from, its content by digest, and what must hold for it."""

    name: Name
    source: Annotated[Source, Meta(description="Where the data come from.")]
    digest: Annotated[
        Digest, Meta(description="The SHA-256 of the dataset's content, in canonical form.")
    ]
    columns: Annotated[
        tuple[Column, ...],
        Meta(min_length=1, description="The columns that are used, in the order of the digest."),
    ]
    expectations: Annotated[
        tuple[Expectation, ...],
        Meta(description="What must hold for the data before anything learns from them."),
    ] = ()
    join_keys: Annotated[
        tuple[Text, ...],
        Meta(
            description=(
                "The columns that say whom a row is about, for a feature store to join by; none: "
                "its rows are numbered there."
            ),
            examples=[["card_id"]],
        ),
    ] = ()
    event_timestamp: Annotated[
        Text | None,
        Meta(
            description=(
                "The column that says since when a row holds, for a feature store; null: the "
                "time_column of a temporal split, if it is a moment."
            ),
            examples=["paid_at"],
        ),
    ] = None
    access: Annotated[
        Access | None,
        Meta(
            description=(
                "Who may read it; null: everybody, unless a column holds personal data. What is "
                "not public is fetched in an environment of its own and never put into a cache "
                "that others read."
            )
        ),
    ] = None
    retention: Annotated[
        Duration | None, Meta(description="How long the data may be kept; null: no limit.")
    ] = None
    description: Annotated[
        Text | None, Meta(description="What the rows are and where they come from.")
    ] = None

    @property
    def public(self) -> bool:
        """May anybody read it: does nothing limit access, and is no column personal?"""
        return self.access is None and not any(column.pii for column in self.columns)

    @property
    def quotable(self) -> bool:
        """May values of its rows stand in evidence, which others read and nobody deletes?"""
        return self.public and self.retention is None

    @property
    def readers(self) -> tuple[str, ...]:
        """The teams that may read it; none: everybody, or nobody said who."""
        return () if self.access is None else self.access.teams

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns that are there after the data step: those that it does not drop."""
        return tuple(one for one in self.columns if one.pii_treatment != "dropped")


class RandomSplit(Struct, frozen=True, kw_only=True, tag_field="strategy", tag="random"):
    """Rows drawn at random."""

    test_fraction: Annotated[Fraction, Meta(description="The share of the rows that only tests.")]
    random_seed: Seed


class StratifiedSplit(Struct, frozen=True, kw_only=True, tag_field="strategy", tag="stratified"):
    """Rows drawn at random, with equal shares of each class of the target."""

    test_fraction: Annotated[Fraction, Meta(description="The share of the rows that only tests.")]
    random_seed: Seed


class TemporalSplit(Struct, frozen=True, kw_only=True, tag_field="strategy", tag="temporal"):
    """The latest rows are the test set, so that no future leaks into training."""

    test_fraction: Annotated[Fraction, Meta(description="The share of the rows that only tests.")]
    time_column: Annotated[
        Text,
        Meta(description="The column that orders the rows in time.", examples=["paid_at"]),
    ]
    gap: Annotated[
        Natural,
        Meta(
            description=(
                "Time points between training and test rows that are left out. A forecast's is "
                "its horizon less one: the first test row is forecast from the last training row."
            )
        ),
    ] = 0


Split = RandomSplit | StratifiedSplit | TemporalSplit


class Forecast(Struct, frozen=True, kw_only=True):
    """What is known when a forecast is made, so that nothing later reaches the model."""

    horizon: Annotated[
        Count,
        Meta(description="How many time points ahead each value is forecast.", examples=[7]),
    ]
    seasonal_period: Annotated[
        Count,
        Meta(
            description="Time points in a season, for the seasonal naive forecast; 1: no season.",
            examples=[7],
        ),
    ] = 1
    series_column: Annotated[
        Text | None,
        Meta(description="The column that tells series apart; null: one series."),
    ] = None
    known_ahead: Annotated[
        tuple[Text, ...],
        Meta(
            description=(
                "Columns whose values are known a horizon ahead, such as holidays, planned prices "
                "or what a series never changes. All others reach the model as lags only."
            )
        ),
    ] = ()


class Data(Spec, frozen=True, kw_only=True):
    """The data that the model learns from."""

    kind: Literal["Data"]
    datasets: Annotated[
        tuple[Dataset, ...],
        Meta(
            min_length=1,
            max_length=1,
            description="The dataset; joins are the work of a python source.",
        ),
    ]
    target: Annotated[
        Text, Meta(description="The column that the model predicts.", examples=["is_fraud"])
    ]
    split: Annotated[Split, Meta(description="How the test rows are set apart.")]
    forecast: Annotated[
        Forecast | None, Meta(description="For the task forecasting; null: nothing is forecast.")
    ] = None
