"""A whole small analysis, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.samples import sample_coordinates
from segmentation.analysis import (
    Findings,
    ask_others,
    fit_scales,
    gather_evidence,
    judge,
    list_customers,
    place_customers,
    portray,
    recommend_k,
    say,
    scan_k,
    take_sample,
)
from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.model_file import describe_model
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.trust.cautions import Cautions, find_cautions
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import Columns, Report, check_columns, open_report, open_source
from tests.conftest import draw_customers
from tests.once import Once


@dataclass(frozen=True)
class Analysis:
    """The pipeline of a report, quick; steps after the scan run if a test needs them."""

    frame: pd.DataFrame
    columns: Columns
    sample: Sample
    scan: Scan
    k: int | None

    @cached_property
    def evidence(self) -> Evidence:
        return gather_evidence(self.scan, "quick")

    @cached_property
    def choice(self) -> Choice:
        return recommend_k(self.scan, self.evidence)

    @cached_property
    def segmentation(self) -> Segmentation:
        """The segments at k; by default as they were found, or at the recommended k."""
        fitted = self.scan.found or self.scan.fits[self.k or self.choice.k]
        return place_customers(self.sample, fitted)

    @cached_property
    def verdict(self) -> Verdict:
        return judge(self.segmentation, self.evidence, self.choice)

    @cached_property
    def portraits(self) -> Portraits:
        return portray(self.segmentation, self.columns, self.verdict)

    @cached_property
    def opinions(self) -> Opinions:
        return ask_others(self.scan, self.evidence, self.choice, self.segmentation, self.columns)

    @property
    def findings(self) -> Findings:
        """What a run would write to its files."""
        return Findings(
            columns=self.columns,
            scan=self.scan,
            evidence=self.evidence,
            choice=self.choice,
            segmentation=self.segmentation,
            changes=None,
            verdict=self.verdict,
            portraits=self.portraits,
            opinions=self.opinions,
        )

    @property
    def segments(self) -> Segments:
        return self.segmentation.segments

    @property
    def profiles(self) -> Profiles:
        return self.portraits.profiles

    @property
    def listed(self) -> pd.DataFrame:
        """The list of customers, as the run writes it."""
        listed = list_customers(self.segmentation, self.portraits.names)
        return ibis.memtable(listed).execute()

    @property
    def assigned(self) -> ir.Table:
        """The whole table with the segment of every row."""
        return self.segmentation.customers


def record_model(a: Analysis) -> dict[str, Any]:
    """The record of the analysis's model."""
    record = describe_model(a.segmentation, a.portraits, a.columns, say.kind(a.verdict))
    assert record is not None
    return record


def analyse(
    frame: pd.DataFrame,
    k: int | None,
    algorithm: str = "kmeans",
    transform: str = "auto",
    k_max: int = 5,
    **options: Any,
) -> Analysis:
    """A table's analysis, with up to five segments by default."""
    source = open_source(frame)
    columns = check_columns(source, **options)
    scales = fit_scales(source.table, columns.features, transform)
    sample = take_sample(source.table, scales, seed=0, id=columns.id)
    return Analysis(frame, columns, sample, scan_k(sample, k_max, k, algorithm), k)


def sample_of(X: np.ndarray, weights: np.ndarray | None = None, seed: int = 0) -> Sample:
    """Coordinates (n × d) as a sample, with weight 1 by default."""
    sample = sample_coordinates(X, seed)
    return sample if weights is None else replace(sample, weights=weights)


def unplaced(
    sample: Sample, segments: Segments, numbers: Sequence[int] | None = None
) -> Segmentation:
    """Segments of a sample, numbered 1 … k by default; no row of the table is placed."""
    numbers = range(1, segments.k + 1) if numbers is None else numbers
    return Segmentation(sample, segments, tuple(numbers), pa.table({}))


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    """60 customers in three groups, with a value."""
    return analyse(draw_customers().assign(revenue=np.arange(60.0)), 3, value="revenue")


@pytest.fixture(scope="session")
def grouped() -> Analysis:
    """400 customers in four groups far apart."""
    rng = np.random.default_rng(5)
    which = rng.integers(0, 4, 400)
    centres = np.array([[20, 100], [60, 100], [20, 400], [60, 400]])[which]
    rows = centres + rng.normal(size=(400, 2)) * [4, 30]
    frame = pd.DataFrame(rows, columns=["age", "spend"])
    return analyse(frame.assign(town=np.array(["Ulm", "Bonn"])[which % 2]), None)


@pytest.fixture(scope="session")
def cloud() -> Analysis:
    """400 customers in one round cloud."""
    rows = np.random.default_rng(1).normal(50, 10, size=(400, 2))
    return analyse(pd.DataFrame(rows, columns=["age", "spend"]), None)


@pytest.fixture(scope="session")
def then(once: Once) -> Report:
    """A published report of three groups: young 60, old 50, rich 40."""
    from tests.analysis.publishing import THEN, make_customers, publish

    made = once.make("then", lambda folder: publish(make_customers(THEN, 1), 3, folder / "then"))
    return open_report(made / "then")


@pytest.fixture(scope="session")
def richer() -> Analysis:
    """The customers of then, of whom the rich spend 60 more."""
    from tests.analysis.publishing import THEN, make_customers

    now = make_customers(THEN, 1)
    now.loc[now["id"].str.startswith("rich"), "spend"] += 60
    return analyse(now, 3)


@pytest.fixture
def measures() -> pd.DataFrame:
    """Age and score of 200 customers, in no groups."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({"age": rng.normal(40, 9, 200), "score": rng.normal(50, 20, 200)})


def find_odd(frame: pd.DataFrame, k: int | None = 2, **options: Any) -> Cautions:
    """What is odd about the columns and segments of a table."""
    a = analyse(frame, k, **options)
    return find_cautions(a.columns, a.segmentation)
