"""Who is in each segment: profiles, a rule, a name, a passport, and one next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.names import (
    KeptNames,
    keep_names,
    match_names,
    name_segments,
)
from segmentation.analysis.portraits.profiles import (
    Profiles,
    describe_segments,
    tabulate_segments,
)
from segmentation.analysis.portraits.rules import make_rules
from segmentation.analysis.portraits.trial import Trial, plan_trial
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import Columns, NamedSegments


@dataclass(frozen=True)
class Portraits:
    """Who is in each segment; every series and frame has a row for each segment number.

    `made` are the names that today's customers suggest (or those given), `names` those in use: an
    earlier report's if they are kept. `passports`: size, rule, and how far to trust both; `table`:
    the rows of segments.csv. `trial`: the one next step. `given`: names were given for this report.
    """

    profiles: Profiles
    rules: pd.Series
    made: pd.Series
    names: pd.Series
    passports: pd.DataFrame
    table: pd.DataFrame
    trial: Trial
    given: bool


def portray(
    segmentation: Segmentation,
    columns: Columns,
    verdict: Verdict,
    given: Sequence[str] | NamedSegments | None = None,
    kept: KeptNames | None = None,
) -> Portraits:
    """Describes, names and finds rules for the segments, over all customers.

    `given` names win over those `kept` from an earlier report.
    """
    profiles, rules = describe_segments(segmentation, columns), make_rules(segmentation)
    made = name_segments(profiles, rules, match_names(given, segmentation))
    names = keep_names(made, kept) if given is None else made
    passports = make_passports(segmentation, profiles, names, rules, verdict)
    return Portraits(
        profiles=profiles,
        rules=rules,
        made=made,
        names=names,
        passports=passports,
        table=tabulate_segments(profiles, passports),
        trial=plan_trial(profiles, verdict.stability),
        given=given is not None,
    )


def make_passports(
    segmentation: Segmentation,
    profiles: Profiles,
    names: pd.Series,
    rules: pd.Series,
    verdict: Verdict,
) -> pd.DataFrame:
    """Returns a passport for each segment: how many, by which rule, and how well they hold.

    Columns: name, customers, share, rule, precision, coverage, jaccard, silhouette, and border: the
    share of undecided customers.
    """
    stability = verdict.stability
    return pd.DataFrame(
        {
            "name": names,
            "customers": profiles.sizes,
            "share": profiles.shares,
            "rule": rules.map(lambda rule: rule.text),
            "precision": rules.map(lambda rule: rule.precision).astype(float),
            "coverage": rules.map(lambda rule: rule.coverage).astype(float),
            "jaccard": stability.jaccard,
            "silhouette": segmentation.silhouettes,
            "border": stability.undecided_by_segment,
        }
    ).rename_axis("segment")
