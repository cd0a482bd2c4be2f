"""New customers placed by an earlier report, in sentences."""

from __future__ import annotations

from segmentation.analysis.later.model import Model
from segmentation.analysis.later.scoring import Match, Scored, tabulate_placed
from segmentation.analysis.say.head import orders_line
from segmentation.analysis.words import say_are, say_count, say_list, say_share
from segmentation.data import Note, Source

NEARLY_ALL = 0.8  # of the customers beyond all earlier values: no drift goes so far
SAME = 0.005  # of a share
UNJUDGED = (
    "Nothing was fitted anew: each customer got the segment that the earlier report's model "
    "gives, whose verdict was: {verdict}. Whether segments still fit these customers is not judged "
    "here; that takes a report of its own."
)


def placed_title(counted: Scored, report: str) -> str:
    """Says in a line how many customers were placed, and by which report."""
    return f"{say_count(counted.placed, 'customer')} placed in the segments of {report}"


def placed(counted: Scored, model: Model) -> str:
    """Says which segment is the largest now, and which share differs most from the report's."""
    if counted.placed == 0:
        return "No customer could be placed."
    table = tabulate_placed(counted, model)
    largest = table["customers"].idxmax()
    sentence = (
        f"The largest is segment {largest} ({table.loc[largest, 'name']}), with "
        f"{say_share(table.loc[largest, 'share'])} of them."
    )
    moved = table["share"] - table["share_then"]
    most = moved.abs().idxmax()
    if abs(moved[most]) < SAME:
        return (
            f"{sentence} Every segment's share is within half a percentage point of what it was "
            f"when the segments were formed."
        )
    whose = f"the share of segment {most} ({table.loc[most, 'name']})"
    return (
        f"{sentence} Against the customers that the segments were formed on, "
        f"{'its share' if most == largest else whose} differs most: "
        f"{say_share(table.loc[most, 'share_then'])} then, {say_share(table.loc[most, 'share'])} "
        f"now."
    )


def unjudged(counted: Scored, model: Model) -> str:
    """Says what was not judged, the verdict of the report, and which features differ much now."""
    sentence, much = UNJUDGED.format(verdict=model.verdict), _list_much(counted)
    units = _list_beyond(counted)
    if units:
        sentence = (
            f"Another unit? In {say_list(units)} nearly all customers lie beyond every earlier "
            f"value, as cents for euros would: until that is mended, no segment means anything. "
            f"{sentence}"
        )
    if not much:
        return sentence
    return f"{sentence} These customers differ much from those before in {say_list(much)}."


def placed_tiles(counted: Scored, model: Model) -> list[tuple[str, str, str]]:
    """Returns the fact tiles: label, figure and remark of each."""
    left = counted.rows - counted.placed
    beyond = counted.outside_rows / counted.rows if counted.rows else 0.0
    return [
        ("Placed", f"{counted.placed:,}", f"of {say_count(counted.rows, 'customer')}"),
        ("Segments", str(len(model.numbers)), "of the earlier report"),
        ("Left out", f"{left:,}", "they lack what a segment needs" if left else "none"),
        ("Beyond", say_share(beyond), "of customers: in a feature unlike any before"),
    ]


def placed_shares(counted: Scored, model: Model) -> str:
    """Returns the alt text of the shares: every segment's share now and then."""
    table = tabulate_placed(counted, model)
    parts = [
        f"segment {row.Index} {say_share(row.share)} now, {say_share(row.share_then)} then"
        for row in table.itertuples()
    ]
    return f"Share of the customers by segment: {'; '.join(parts)}."


def unplaced(counted: Scored) -> str:
    """Says how many customers have no segment, by reason."""
    left = counted.rows - counted.placed
    if not left:
        return "Every customer has a segment."
    reasons = [f"{reason.replace(': ', ' ')} in {n:,}" for reason, n in counted.left_out.items()]
    return (
        f"{say_count(left, 'customer')} of {counted.rows:,} {say_are(left)} left out: "
        f"{say_list(reasons)}. The list of customers has the reason for each one."
    )


def outside(counted: Scored) -> str:
    """Says how many customers lie beyond the values the segments were formed on, by feature."""
    if not counted.outside_rows:
        return "No value lies beyond those that the segments were formed on."
    features = []
    for feature, (below, above) in counted.outside.items():
        ends = [f"{n:,} {side}" for n, side in ((below, "below"), (above, "above")) if n]
        features.append(f"{feature} ({' and '.join(ends)})")
    return (
        f"{say_count(counted.outside_rows, 'customer')} "
        f"{'has a value' if counted.outside_rows == 1 else 'have values'} below or above all that "
        f"the segments were formed on: {say_list(features)}. They have the nearest segment, though "
        f"nobody like them was there when it was formed."
    )


def placed_shifts(counted: Scored) -> str:
    """Says in which features these customers differ from the report's, beyond chance."""
    shown = [name for name, shift in counted.shifts.items() if shift.shown]
    if not shown:
        return (
            "In no feature do these customers differ from those that the segments were formed "
            "on by more than chance."
        )
    much = _list_much(counted)
    some = [name for name in shown if name not in much]
    sentences = []
    if much:
        sentences.append(
            f"These customers differ much in {say_list(much)}: the segments may no longer fit; "
            f"make a report of these customers."
        )
    if some:
        sentences.append(
            f"They differ {'in' if much else 'by more than chance in'} {say_list(some)}, "
            f"less than would call the segments in question."
        )
    return " ".join(sentences)


def _list_beyond(counted: Scored) -> list[str]:
    """Returns the features in which most customers lie on one side of all earlier values."""
    ends = counted.outside.items()
    return [name for name, sides in ends if max(sides) > NEARLY_ALL * counted.rows]


def _list_much(counted: Scored) -> list[str]:
    return [name for name, shift in counted.shifts.items() if shift.much]


def matched_columns(match: Match) -> str:
    """Says which columns are gone, are new, or hold something else now."""
    sentences = []
    if match.missing:
        sentences.append(f"No longer there: {say_list(match.missing)}.")
    if match.extra:
        sentences.append(f"New, and not used: {say_list(match.extra)}.")
    retyped = match.retyped.items()
    sentences += [f"{name} was a {old}, is a {new} now." for name, (old, new) in retyped]
    if not sentences:
        return "The columns are those that the segments were formed on."
    return f"{' '.join(sentences)} None of these forms the segments."


def new_source(source: Source, counted: Scored, notes: list[Note]) -> str:
    """Says where the new customers come from: never the file's path."""
    return f"Data: {source.name}, {orders_line(notes) or say_count(counted.rows, 'row')}."
