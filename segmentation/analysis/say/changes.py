"""What changed since an earlier report, in sentences, tables and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segmentation.analysis.later.drift import MUCH, Shift
from segmentation.analysis.later.model import Model
from segmentation.analysis.later.numbering import NOBODY, NOWHERE, Kept, Movement
from segmentation.analysis.portraits.privacy import hide_cells
from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE, Profiles
from segmentation.analysis.results import make_finite
from segmentation.analysis.say.segments import say_kind
from segmentation.analysis.show.plots import draw_flow, segment_colour
from segmentation.analysis.trust.chance import Chance
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import say_count, say_list, say_number, say_runs, say_share
from segmentation.data import Report

SMALL = 0.1  # of the standard deviation of all customers
GREY = "#9aa1ab"
RARELY = 0.05


def say_kept(kept: Kept, earlier: Report, chance: Chance, named: bool = False) -> str:
    """Which segments are those of the earlier report, which are new, and which are no more.

    `named`: names were given for this report.
    """
    then, said = f"{earlier.name} of {earlier.finished}", []
    if kept.names:
        low, one = min(kept.overlaps.values()), len(kept.names) == 1
        shared = "all" if low == 1 else f"{int(100 * low)} % or more"
        own = ("number" if one else "numbers") + ("" if named else " and name" + "s" * (not one))
        verb, whose = ("is", "its") if one else ("are", "their")
        said.append(
            f"{_number(list(kept.names))} {verb} as in {then}, with {whose} {own}: of the "
            f"customers in either version{'' if one else ' of one'}, {shared} are in both."
        )
    else:
        said.append(f"No segment of {then} is found again: these are others.")
    if kept.new:
        said.append(_say_new(kept, chance))
    if kept.retired:
        gone = [f"{number} ({name})" for number, name in kept.retired.items()]
        numbers = "that number is" if len(gone) == 1 else "those numbers are"
        said.append(f"No longer found: {say_list(gone)}; {numbers} not used again.")
    return " ".join(said)


def _say_new(kept: Kept, chance: Chance) -> str:
    one = len(kept.new) == 1
    said = f"{_number(kept.new)} {'is' if one else 'are'} new"
    if chance.renumbered <= RARELY:
        return f"{said}."
    often = round(100 * chance.renumbered)
    return (
        f"{said}, which need not mean that customers changed: when they are drawn anew and nothing "
        f"else changes, some segment gets a new number in {often} of 100 pairs of draws."
    )


def say_outgrown(kept: Kept, made: Sequence[str], given: bool) -> str:
    """Which kept names would be others by today's customers; nothing where they were `given`.

    `made` are the names of today's segments, in order.
    """
    if given:
        return ""
    today = zip(sorted(kept.numbers), made, strict=True)
    said = [
        f"segment {number} ({kept.names[number]}) would be called “{name}”"
        for number, name in today
        if number in kept.names and kept.names[number] != name
    ]
    return f"By today's customers {say_list(said)}." if said else ""


def say_verdicts(earlier: Model, verdict: Verdict) -> str:
    """The verdict then and now."""
    now = say_kind(verdict)
    if earlier.verdict == now:
        return f"The verdict is the same as then: {now}."
    return f"The verdict then: {earlier.verdict}; now: {now}."


def say_moved(movement: Movement | None, chance: Chance, earlier: Report, id: str | None) -> str:
    """Who moved, joined and left, and whether more moved than by chance.

    `id` names the customers of this report; a count of 1 to 4 is not told.
    """
    if movement is None:
        return _say_nobody_followed(earlier, id)
    if not movement.followed:
        return "No customer is in both lists: nobody can be followed from then to now."
    lists = f"{_few(movement.joined)} joined and {_few(movement.left)} left"
    if not movement.joined and not movement.left:
        lists = "nobody joined or left"
    said = f"{say_count(movement.followed, 'customer')} had a segment both times; {lists}."
    if movement.lost:
        said += f" {_few(movement.lost).capitalize()} had a segment and have none now."
    if not movement.moved:
        return f"{said} Nobody moved to another segment."
    return f"{said} {_say_who_moved(movement, chance)}"


def _say_nobody_followed(earlier: Report, id: str | None) -> str:
    then = earlier.result.get("id")
    if id is None:
        return "No column names the customers, so nobody can be followed from then to now."
    how = f"named its customers by {then}" if then else "had no column that named them"
    return (
        f"Customers are named by {id} here, and the earlier report {how}: nobody can be followed "
        f"from then to now."
    )


def _say_who_moved(movement: Movement, chance: Chance) -> str:
    share = (
        ""
        if movement.moved < FEWEST_TO_DESCRIBE
        else (f" ({say_share(movement.moved / movement.followed)})")
    )
    said = f"{_few(movement.moved).capitalize()}{share} moved to another one{_say_heirs(movement)}."
    if movement.changed:
        whose = "All of them" if not movement.bordered else _few(movement.changed).capitalize()
        said += (
            f" {whose} moved because their own values changed: the earlier borders put them "
            f"elsewhere, too."
        )
    if not movement.bordered:
        return f"{said} Nobody moved only because the borders did."
    moved = f"{_few(movement.bordered).capitalize()} moved" if movement.changed else "They moved"
    said += f" {moved} because the borders did"
    if np.isnan(chance.moved):
        return f"{said}; how many do so by chance cannot be told for this method."
    most = say_share(chance.moved)
    floor = (
        f"when customers are drawn anew and nothing else changes, "
        f"{most if most.startswith('under') else f'up to {most}'} move"
    )
    if movement.bordered / movement.followed <= chance.moved:
        return f"{said}. That is noise: {floor}."
    return f"{said}, more than by chance: {floor}."


def _say_heirs(movement: Movement) -> str:
    """Which new numbers count as what became of an old one."""
    pairs = [f"segment {now} as what became of {then}" for then, now in movement.renumbered.items()]
    return f", counting {say_list(pairs)}" if pairs else ""


def _few(customers: int) -> str:
    few = 0 < customers < FEWEST_TO_DESCRIBE
    return f"fewer than {FEWEST_TO_DESCRIBE}" if few else f"{customers:,}"


def tabulate_flow(movement: Movement) -> pd.DataFrame:
    """Customers by their segment then (rows) and now (columns); 1 to 4 are not counted out."""
    flow = hide_cells(movement.flow)
    flow.index = pd.Index([_then(label) for label in flow.index], name="then")
    flow.columns = pd.Index([_now(label) for label in flow.columns])
    return flow


def plot_flow(movement: Movement, ax: Axes) -> Axes:
    """From the segments then to those now: bars of customers, and bands between them."""
    flow = movement.flow
    sides = [
        [str(_short(at, side)) for at in axis]
        for side, axis in zip(("joined", "left"), (flow.index, flow.columns), strict=True)
    ]
    colours = [[_colour(at) for at in axis] for axis in (flow.index, flow.columns)]
    draw_flow(flow.to_numpy(dtype=float), sides, colours, ax)
    ax.set_xticks([0, 1], ["then", "now"])
    return ax


def say_flow(movement: Movement) -> str:
    """Alt text of the flow: the largest movements."""
    flow = movement.flow.drop(index=NOBODY, columns=NOBODY)
    moves = flow.stack()
    apart = np.array([then != now for then, now in moves.index], dtype=bool)
    start = "Where the customers of each segment then are now."
    if not moves[apart].any():
        return f"{start} Nobody moved."
    moves = moves[apart & (moves >= FEWEST_TO_DESCRIBE)]
    if moves.empty:
        return f"{start} No five of them moved the same way."
    top = moves.sort_values(ascending=False, kind="stable").head(3)
    said = [f"{n:,} from {_then(then)} to {_now(now)}" for (then, now), n in top.items()]
    return f"{start} Most moved: {say_list(said)}."


def tabulate_shifted(
    earlier: Report, kept: Kept, profiles: Profiles, names: Mapping[int, str]
) -> pd.DataFrame:
    """The median of every feature then → now, a row a segment kept that could be described."""
    rows = {}
    for number, medians in _medians_then(earlier, kept, profiles).items():
        now = profiles.medians.loc[number]
        rows[f"{number} · {names[number]}"] = {
            name: f"{say_number(then)} → {say_number(now[name])}" for name, then in medians.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment")


def say_shifted(earlier: Report, kept: Kept, profiles: Profiles) -> str:
    """The segment whose typical customer changed most, in the feature's own unit."""
    far: list[tuple[float, int, str, float]] = []
    for number, medians in _medians_then(earlier, kept, profiles).items():
        for name, then in medians.items():
            spread = profiles.market.loc[name, "sd"]
            gap = profiles.medians.loc[number, name] - then
            far.append((abs(gap) / spread if spread > 0 else 0.0, number, name, then))
    if not far:
        return ""
    most, number, name, then = max(far)
    if most < SMALL:
        return (
            "What is typical of each segment that was kept is as it was: no median moved by a "
            "tenth of a standard deviation."
        )
    now = profiles.medians.loc[number, name]
    return (
        f"What is typical changed most in segment {number}: its median {name} was "
        f"{say_number(then)}, and is {say_number(now)} now."
    )


def say_drift(shifts: Mapping[str, Shift]) -> str:
    """In which features the customers as a whole differ from those then, beyond chance."""
    shown = {name: shift for name, shift in shifts.items() if shift.shown}
    if not shown:
        return "Over all customers, no feature is spread differently from then by more than chance."
    much = [name for name, shift in shown.items() if shift.index >= MUCH]
    some = [name for name in shown if name not in much]
    said = [f"much so in {say_list(much)}"] if much else []
    said += [f"by more than chance in {say_list(some)}"] if some else []
    return f"Over all customers, values are spread differently from then: {', and '.join(said)}."


def describe_changes(
    kept: Kept,
    earlier: Report,
    movement: Movement | None,
    chance: Chance,
    shifts: Mapping[str, Shift],
) -> dict[str, Any]:
    """The part of result.json on what changed since the earlier report."""
    record: dict[str, Any] = {
        "since": earlier.name,
        "finished": earlier.record.get("finished"),
        "kept": {number: kept.overlaps[number] for number in kept.names},
        "new": kept.new,
        "retired": kept.retired,
        "past": kept.past,
        "by_chance": asdict(chance),
        "shifts": {name: asdict(shift) for name, shift in shifts.items()},
    }
    if movement is not None:
        own = ("followed", "moved", "changed", "bordered", "joined", "left", "lost")
        record |= {name: getattr(movement, name) for name in own}
        words = {NOBODY: "not in the list", NOWHERE: "no segment"}
        flow = movement.flow.rename(index=words, columns=words).stack().rename("customers")
        record["flow"] = flow[flow > 0].reset_index().to_dict("records")
    finite: dict[str, Any] = make_finite(record)
    return finite


def _medians_then(earlier: Report, kept: Kept, profiles: Profiles) -> dict[int, dict[str, float]]:
    """The medians of kept segments then, of the features that there are now, by number."""
    found = {}
    for row in earlier.result.get("segments") or []:
        number = row.get("segment")
        known = {name: row.get(f"median {name}") for name in profiles.features}
        medians = {name: float(value) for name, value in known.items() if value is not None}
        many = profiles.sizes.get(number, 0) >= FEWEST_TO_DESCRIBE
        if number in kept.names and medians and many:
            found[int(number)] = medians
    return found


def _number(numbers: list[int]) -> str:
    one = len(numbers) == 1
    return f"Segment{'' if one else 's'} {say_runs(numbers)}"


def _then(label: object) -> str:
    if label == NOBODY:
        return "not in the list"
    return "no segment" if label == NOWHERE else f"segment {label}"


def _now(label: object) -> str:
    return "not in the list any more" if label == NOBODY else _then(label)


def _short(label: object, nobody: str) -> object:
    return nobody if label == NOBODY else "none" if label == NOWHERE else label


def _colour(label: int) -> str:
    return segment_colour(int(label)) if label not in (NOBODY, NOWHERE) else GREY
