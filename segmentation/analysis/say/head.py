"""The head of the report: the finding in a line, the honest text, the tiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.trust.structure import FEWEST_ROWS
from segmentation.analysis.trust.valleys import UNCLEAR
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import say_count, say_day, say_list, say_segments, say_share
from segmentation.data import Columns, Note, Source
from segmentation.data.published.vocabulary import (
    CONSTRUCTIVE,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
)

TITLES = {
    NATURAL: "{customers} in {k} clear groups",
    REPRODUCIBLE: "{customers} in {k} stable bands",
    CONSTRUCTIVE: "{customers}, cut into {k} bands",
    ONE_GROUP: "{customers}, one group",
    TOO_FEW: "{customers}, sorted into {k} segments",
}
FINDINGS = {
    NATURAL: "Clear groups: there are gaps between these customers, and the same groups come back "
    "when the customers change.",
    REPRODUCIBLE: "No gaps found between customers, but stable bands: they come back when the "
    "customers change, yet where one ends and the next begins is our choice.",
    CONSTRUCTIVE: "Arbitrary bands: no gaps were found between customers, and the borders move "
    "when the customers change.",
    ONE_GROUP: "One group: no gaps were found between these customers, and no cut on which two "
    "random halves of them agree reliably. Do not segment on these columns as they are; what "
    "follows only shows what a cut would give.",
    TOO_FEW: f"Too few customers to tell whether groups exist: below {FEWEST_ROWS} this sorts a "
    "list and finds nothing about a market.",
}
IN_WORDS = {
    NATURAL: "clear groups",
    REPRODUCIBLE: "stable bands, no gaps",
    CONSTRUCTIVE: "arbitrary bands",
    ONE_GROUP: "one group: do not segment",
    TOO_FEW: "too few customers to tell",
}
UNFOLLOWED = "There are groups among these customers, but these segments do not follow them: {how}."


def kind(verdict: Verdict) -> str:
    """Returns the verdict in a few words, for lists of reports."""
    if verdict.kind != NATURAL and verdict.structure.shown:
        return "groups exist, not these segments"
    return IN_WORDS[verdict.kind]


def title(profiles: Profiles, verdict: Verdict) -> str:
    """Returns the finding in a line: how many customers, and what they fall into."""
    customers = say_count(profiles.customers, "customer")
    if verdict.kind != NATURAL and verdict.structure.shown:
        return f"{customers}, cut into {verdict.k} segments"
    line = TITLES[verdict.kind].format(customers=customers, k=verdict.k)
    unclear = any(valley.kind == UNCLEAR for valley in verdict.valleys)
    return line.replace("clear groups", "groups") if unclear else line


def finding(verdict: Verdict) -> str:
    """Returns the verdict in words, and whether another number of segments is better."""
    if verdict.kind == NATURAL or not verdict.structure.shown:
        text = FINDINGS[verdict.kind]
    else:
        cut = " and ".join(map(str, verdict.split[0])) if verdict.split else ""
        how = f"no gap can be shown between {cut}"
        if not verdict.stable:
            how = "they change when the customers change"
        text = UNFOLLOWED.format(how=how)
    if verdict.kind in (ONE_GROUP, TOO_FEW):
        return text
    known = f"{text}{_unclear(verdict)}{unseen(verdict)}"
    return f"{known}{_gapped(verdict)}{_recommended(verdict)}"


def limits(verdict: Verdict) -> str:
    """Returns what the verdict does not cover."""
    held = "This holds for these columns and this list of customers"
    if verdict.structure.may_miss and verdict.structure.tested:
        held += f"; among {verdict.structure.rows} customers gaps are easily missed"
    return f"{held}. Trying many sets of columns and keeping the best would void it."


def unseen(verdict: Verdict) -> str:
    """Names the segments that no resample drew, about which nothing is known; else nothing."""
    if not verdict.unseen:
        return ""
    return f" Of {say_segments(verdict.unseen)} nothing is known."


def source_line(source: Source, columns: Columns, notes: Sequence[Note] = ()) -> str:
    """Returns where the customers come from and how old they are; no path."""
    made = orders_line(notes)
    if made is not None:
        return f"Data: {source.name}, {made}."
    shape = f"{say_count(columns.rows, 'row')}, {say_count(len(columns.parts), 'column')}"
    return f"Data: {source.name}, {shape}{_age(source, columns)}."


def tiles(segmentation: Segmentation, verdict: Verdict) -> list[tuple[str, str, str]]:
    """Returns the fact tiles: label, figure and remark of each."""
    sample, stability = segmentation.sample, verdict.stability
    customers = int(segmentation.sizes.sum())
    lost = sample.rows - customers
    features = say_count(len(sample.features), "feature")
    times = 100 if stability.same == 1 else min(round(100 * stability.same), 99)
    return [
        ("Customers", f"{customers:,}", f"{lost:,} left out" if lost else "none left out"),
        ("Segments", str(segmentation.k), f"on {features}"),
        ("Same segment", f"{times} of 100", "times, when customers change"),
        ("On a border", say_share(stability.undecided), "of customers change segments easily"),
    ]


def orders_line(notes: Sequence[Note]) -> str | None:
    """Returns what was made of order lines; None if the rows were customers already."""
    return next((note.what for note in notes if note.code == "orders"), None)


def _unclear(verdict: Verdict) -> str:
    """Names segments of clear groups between which a gap may or may not lie."""
    unclear = [f"{v.one} and {v.other}" for v in verdict.valleys if v.kind == UNCLEAR]
    if verdict.kind != NATURAL or not unclear:
        return ""
    more = f"; the same holds for {', '.join(unclear[1:])}" if len(unclear) > 1 else ""
    return f" Whether segments {unclear[0]} are two groups or one cannot be told{more}."


def _gapped(verdict: Verdict) -> str:
    """Names the columns with gaps if the segments miss them."""
    if verdict.kind == NATURAL or not 0 < len(verdict.gapped) < len(verdict.features):
        return ""
    alone = "this column" if len(verdict.gapped) == 1 else "these columns"
    return (
        f" Taken one by one, only {say_list(verdict.gapped)} "
        f"{'has' if len(verdict.gapped) == 1 else 'have'} gaps: segmenting on {alone} alone may "
        f"follow them."
    )


def _recommended(verdict: Verdict) -> str:
    better = "" if verdict.follows else f"{verdict.recommended} are recommended."
    if verdict.kind == NATURAL and verdict.apart:
        apart = f"{verdict.apart} can be told apart"
        return (
            f" These {verdict.k} segments put some groups together: {apart}"
            f"{f', and {better}' if better else '.'}"
        )
    return f" This run was asked for {verdict.k} segments; {better}" if better else ""


def _age(source: Source, columns: Columns) -> str:
    """Returns the newest date in the table, else the day on which the file was written."""
    dated = [part.fact for part in columns.parts if part.fact.newest is not None]
    newest = max(dated, key=lambda fact: fact.newest or date.min, default=None)
    if newest is not None and newest.newest is not None:
        return f"; newest date {say_day(newest.newest)} ({newest.name})"
    if source.path is None:
        return ""
    return f"; file of {say_day(date.fromtimestamp(source.path.stat().st_mtime))}"
