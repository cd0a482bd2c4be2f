"""The segments side by side: cards, medians, passports, and other columns."""

from __future__ import annotations

import math

import pandas as pd
from markupsafe import Markup

from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.portraits.profiles import Profiles, find_clear_residual
from segmentation.analysis.show.page import breakable, put, tag
from segmentation.analysis.show.style import segment_colour, segment_shape
from segmentation.analysis.show.tables import Cell, lay_out_rows, table
from segmentation.analysis.words import say_count, say_number, say_score, say_share

MOST_ON_A_CARD = 4
MOST_IN_A_ROW = 4  # cards on paper


def cards(portraits: Portraits) -> None:
    """Displays a card for each segment: name, size, typical values beside everybody's, its rule."""
    markup = [_card(portraits, number) for number in portraits.names.index]
    columns = math.ceil(len(markup) / math.ceil(len(markup) / MOST_IN_A_ROW))
    box = Markup('<div class="cards" style="--columns:{}">{}</div>')
    put(box.format(columns, Markup("").join(markup)))


def profiles(portraits: Portraits) -> None:
    """Displays the medians of all segments side by side, tinted by distance from everybody."""
    put(lay_out_profiles(portraits.profiles, portraits.names))


def lay_out_profiles(profiles: Profiles, names: pd.Series) -> Markup:
    """Returns the markup that `profiles` displays; `names` are by number."""
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    head = ["Segment", "Customers", *profiles.features]
    gaps = profiles.differences
    rows = [
        [Cell(f"{s} · {called}"), Cell(f"{profiles.sizes[s]:,}")]
        + [
            _value(profiles, s, name, gaps.loc[s, name] if enough[s] else None)
            for name in profiles.features
        ]
        for s, called in names.items()
    ]
    everybody = [Cell("All customers"), Cell(f"{profiles.customers:,}")]
    everybody += [Cell(say_number(profiles.market.loc[n, "q50"])) for n in profiles.features]
    note = (
        "Medians in the feature's own unit: half of the segment's customers are above, half "
        "below. Blue: the segment's mean is above that of all "
        "customers; orange: below; stronger is further."
    )
    return lay_out_rows(head, [*rows, everybody], "The segments side by side", note)


def passports(portraits: Portraits) -> None:
    """Displays every segment's passport: its rule, how well that finds it, how well it holds."""
    head = ["Segment", "Customers", "Rule", "Precision", "Coverage", "Jaccard", "Silhouette"]
    head.append("On a border")
    rows = [
        [
            Cell(f"{row.Index} · {row.name}"),
            Cell(f"{row.customers:,}"),
            Cell(row.rule or "no short rule", "words"),
            *(Cell(say_share(share)) for share in (row.precision, row.coverage)),
            *(Cell(say_score(score)) for score in (row.jaccard, row.silhouette)),
            Cell(say_share(row.border)),
        ]
        for row in portraits.passports.itertuples()
    ]
    note = (
        "Precision: of those who meet the rule, the share in the segment; coverage: of "
        "the segment, the share that meets it; both on held-out customers. Jaccard: how well it "
        "is found again (valid from 0.75). Border: customers who change segments easily."
    )
    put(lay_out_rows(head, rows, "A passport for every segment", note))


def descriptors(portraits: Portraits) -> None:
    """Displays, folded, the other columns: medians, and shares of each category.

    ▲ and ▼ mark shares above or below those of all customers by more than chance; the most
    distinctive column comes first.
    """
    profiles = portraits.profiles
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    medians = profiles.medians.drop(columns=profiles.features)
    heads = ["All", *(f"Segment {segment}" for segment in profiles.sizes.index)]
    lines = {
        f"{name}: median": [
            say_number(profiles.market.loc[name, "q50"]),
            *column.map(say_number).where(enough, "–"),
        ]
        for name, column in medians.items()
    }
    clear = find_clear_residual(profiles.crossed)
    telling = {n: table["residual"].abs().fillna(0).max() for n, table in profiles.crossed.items()}
    for name in sorted(telling, key=lambda name: -telling[name]):
        for category, shares in profiles.crossed[name].groupby("category", sort=False):
            cells = shares.droplevel("category").reindex(profiles.sizes.index)
            everybody = say_share(shares["share_of_all"].iloc[0])
            lines[f"{name}: {category}"] = [
                everybody,
                *cells.apply(_mark_share, axis=1, clear=clear),
            ]
    if lines:
        frame = pd.DataFrame.from_dict(lines, orient="index", columns=heads)
        title = "Other columns by segment: medians and shares (▲ more, ▼ less frequent)"
        table(frame.rename_axis("column"), title, folded=True)


def _card(portraits: Portraits, segment: int) -> Markup:
    profiles, name = portraits.profiles, portraits.names[segment]
    rule = portraits.rules[segment].text
    size, share = profiles.sizes[segment], profiles.shares[segment]
    return Markup(
        '<article class="card" style="--own:{colour}"><h3><span aria-hidden="true">{shape}</span> '
        '{segment} · {name}</h3><p class="size">{size} · {share}</p>'
        '<div class="bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></div>{facts}{rule}'
        "</article>"
    ).format(
        colour=segment_colour(segment),
        shape=segment_shape(segment),
        segment=segment,
        name=name,
        size=say_count(int(size), "customer"),
        share=say_share(share) + _value_share(profiles, segment),
        width=100 * share,
        facts=_facts(profiles, segment),
        rule=tag("p", f"Mostly: {rule}.", "rule") if rule and rule != name.lower() else "",
    )


def _value_share(profiles: Profiles, segment: int) -> str:
    if profiles.shares_of_value is None:
        return ""
    return f" · {say_share(profiles.shares_of_value[segment])} of {profiles.shares_of_value.name}"


def _facts(profiles: Profiles, segment: int) -> Markup:
    """Returns the features that set a segment apart most, with its median and everybody's."""
    if profiles.sizes[segment] < FEWEST_TO_DESCRIBE:
        return tag("p", "Too few customers to describe without naming them.")
    gaps = profiles.differences.loc[segment].abs().sort_values(ascending=False, kind="stable")
    lines = [
        Markup("<li>{} <b>{}</b> <span>all: {}</span></li>").format(
            breakable(name),
            say_number(profiles.medians.loc[segment, name]),
            say_number(profiles.market.loc[name, "q50"]),
        )
        for name in gaps.index[:MOST_ON_A_CARD]
    ]
    return Markup("<ul>{}</ul>").format(Markup("").join(lines))


def _value(profiles: Profiles, segment: int, name: str, gap: float | None) -> Cell:
    if gap is None:
        return Cell("–")
    tint = min(abs(gap) / 2, 1) * 0.55
    text = say_number(profiles.medians.loc[segment, name])
    return Cell(text, "above" if gap > 0 else "below", tint)


def _mark_share(cell: pd.Series, clear: float) -> str:
    if pd.isna(cell["share"]):
        return "–"
    mark = " ▲" if cell["residual"] > clear else " ▼" if cell["residual"] < -clear else ""
    return f"{say_share(cell['share'])}{mark}"
