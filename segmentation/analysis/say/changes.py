"""What changed since an earlier report, in sentences; nothing if there is none."""

from __future__ import annotations

import numpy as np

from segmentation.analysis.later.drift import Rescaled
from segmentation.analysis.later.movement import NOBODY, NOWHERE, Movement
from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.later.shifted import list_medians
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.say.head import kind
from segmentation.analysis.trust.chance import Chance
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import (
    say_count,
    say_few,
    say_list,
    say_number,
    say_runs,
    say_share,
)
from segmentation.data import Report

SMALL = 0.1  # of the standard deviation of all customers
RARELY = 0.05  # the share of pairs of draws in which a segment is renumbered


def moved(changes: Changes | None, id: str | None) -> str:
    """Returns who moved, joined and left, and whether more moved than by chance.

    `id` names the customers of this report; counts of 1 to 4 are hidden.
    """
    if changes is None:
        return ""
    movement = changes.movement
    if changes.mangled:
        return f"Nobody can be followed from then to now, as {id} is written differently."
    if movement is None:
        return _nobody_followed(changes.earlier.report, id)
    if not movement.followed:
        return "No customer is in both lists: nobody can be followed from then to now."
    lists = f"{_few(movement.joined)} joined and {_few(movement.left)} left"
    if not movement.joined and not movement.left:
        lists = "nobody joined or left"
    text = f"{_followed(movement)} had a segment both times; {lists}."
    if movement.lost:
        text += f" {_few(movement.lost).capitalize()} had a segment and have none now."
    if not movement.moved:
        return f"{text} Nobody moved to another segment."
    return f"{text} {_who_moved(movement, changes)}"


def rescaled(features: Rescaled) -> str:
    """Warns of features that seem to be in another unit than then; nothing if none does."""
    if not features:
        return ""
    parts = [
        f"{name} is about {10 ** abs(power):,} times {'as large' if power > 0 else 'smaller'}"
        for name, power in features.items()
    ]
    names = "it" if len(parts) == 1 else "they"
    return (
        f"Another unit? {say_list(parts)} for all customers alike, as cents for euros would be: "
        f"they are compared with the earlier report as if {names} had kept the unit."
    )


def mangled(changes: Changes) -> str:
    """Warns of ids that are written differently from then; nothing if they are not."""
    if not changes.mangled:
        return ""
    id = changes.earlier.report.result.get("id")
    return (
        f"{_few(changes.mangled).capitalize()} values of {id} are those of the earlier list but "
        f"for leading zeros, .0, capitals or signs, as spreadsheets leave them: nobody can be "
        f"followed from then to now. Export {id} as text, as it was then."
    )


def kept(changes: Changes | None, named: bool = False) -> str:
    """Returns which segments are those of the earlier report, which are new, and which are gone.

    `named`: names were given for this report.
    """
    if changes is None:
        return ""
    kept, earlier = changes.kept, changes.earlier.report
    then, parts = f"{earlier.name} of {earlier.finished}", []
    if kept.names:
        low, one = min(kept.overlaps.values()), len(kept.names) == 1
        shared = "all" if low == 1 else f"{int(100 * low)} % or more"
        own = ("number" if one else "numbers") + ("" if named else " and name" + "s" * (not one))
        verb, whose = ("is", "its") if one else ("are", "their")
        known = changes.movement is not None and changes.movement.followed
        by = "either report puts" if known else "the borders of then or of now put"
        parts.append(
            f"{_number(list(kept.names))} {verb} as in {then}, with {whose} {own}: of the "
            f"customers whom {by} in {'it' if one else 'one'}, {shared} are put there by both."
        )
    else:
        parts.append(f"No segment of {then} is found again: these are others.")
    if kept.new:
        parts.append(_new(kept.new, changes.chance))
    if kept.retired:
        gone = [f"{number} ({name})" for number, name in kept.retired.items()]
        numbers = "that number is" if len(gone) == 1 else "those numbers are"
        parts.append(f"No longer found: {say_list(gone)}; {numbers} not used again.")
    return " ".join(parts)


def outgrown(changes: Changes | None, portraits: Portraits) -> str:
    """Returns which kept names no longer suit today's customers; nothing if they were given."""
    if changes is None or portraits.given or changes.earlier.names_given:
        return ""
    names = changes.names
    renamed = [
        f"segment {number} ({names[number]}) would be called “{name}”"
        for number, name in portraits.made.items()
        if number in names and names[number] != name
    ]
    return f"By today's customers {say_list(renamed)}." if renamed else ""


def verdicts(changes: Changes | None, verdict: Verdict) -> str:
    """Returns the verdict then and now."""
    if changes is None:
        return ""
    then, now = changes.earlier.model.verdict, kind(verdict)
    if then == now:
        return f"The verdict is the same as then: {now}."
    return f"The verdict then: {then}; now: {now}."


def shifted(changes: Changes | None, portraits: Portraits) -> str:
    """Returns the segment whose typical customer changed most, in the feature's own unit."""
    if changes is None:
        return ""
    profiles = portraits.profiles
    far: list[tuple[float, int, str, float]] = []
    for number, medians in list_medians(changes, profiles).items():
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


def drift(changes: Changes | None) -> str:
    """Returns in which features all customers differ from those then, beyond chance."""
    if changes is None:
        return ""
    shown = {name: shift for name, shift in changes.shifts.items() if shift.shown}
    if not shown:
        return "Over all customers, no feature is spread differently from then by more than chance."
    much = [name for name, shift in shown.items() if shift.much]
    some = [name for name in shown if name not in much]
    text = [f"much so in {say_list(much)}"] if much else []
    text += [f"by more than chance in {say_list(some)}"] if some else []
    return f"Over all customers, values are spread differently from then: {', and '.join(text)}."


def flow(movement: Movement) -> str:
    """Returns the alt text of the flow: the largest movements."""
    counts = movement.flow.drop(index=NOBODY, columns=NOBODY)
    moves = counts.stack()
    apart = np.array([then != now for then, now in moves.index], dtype=bool)
    start = "Where the customers of each segment then are now."
    if not moves[apart].any():
        return f"{start} Nobody moved."
    moves = moves[apart & (moves >= FEWEST_TO_DESCRIBE)]
    if moves.empty:
        return f"{start} No five of them moved the same way."
    top = moves.sort_values(ascending=False, kind="stable").head(3)
    largest = [
        f"{n:,} from {label_then(then)} to {label_now(now)}" for (then, now), n in top.items()
    ]
    return f"{start} Most moved: {say_list(largest)}."


def label_then(label: object) -> str:
    """Returns the label of a segment then, for tables and pictures."""
    if label == NOBODY:
        return "not in the list"
    return "no segment" if label == NOWHERE else f"segment {label}"


def label_now(label: object) -> str:
    """Returns the label of a segment now."""
    return "not in the list any more" if label == NOBODY else label_then(label)


def _new(numbers: list[int], chance: Chance) -> str:
    one = len(numbers) == 1
    text = f"{_number(numbers)} {'is' if one else 'are'} new"
    if chance.renumbered <= RARELY:
        return f"{text}."
    often = round(100 * chance.renumbered)
    return (
        f"{text}, which need not mean that customers changed: when they are drawn anew and nothing "
        f"else changes, some segment gets a new number in {often} of 100 pairs of draws."
    )


def _nobody_followed(earlier: Report, id: str | None) -> str:
    then = earlier.result.get("id")
    if id is None:
        return "No column names the customers, so nobody can be followed from then to now."
    how = f"named its customers by {then}" if then else "had no column that named them"
    return (
        f"Customers are named by {id} here, and the earlier report {how}: nobody can be followed "
        f"from then to now."
    )


def _followed(movement: Movement) -> str:
    """Counts the customers with a segment both times, roughly if that would tell a few others."""
    few = any(0 < n < FEWEST_TO_DESCRIBE for n in (movement.joined, movement.left, movement.lost))
    if not few:
        return say_count(movement.followed, "customer")
    return f"About {round(movement.followed, -1):,} customers"


def _who_moved(movement: Movement, changes: Changes) -> str:
    share = (
        ""
        if movement.moved < FEWEST_TO_DESCRIBE
        else (f" ({say_share(movement.moved / movement.followed)})")
    )
    text = f"{_few(movement.moved).capitalize()}{share} moved to another one{_heirs(movement)}."
    own, border = _parts(movement)
    if movement.changed:
        text += (
            f" {own} moved because their own values changed: the earlier borders put them "
            f"elsewhere, too."
        )
    if not movement.bordered:
        return f"{text} Nobody moved only because the borders did."
    text += f" {border} moved because the borders did"
    chance = changes.chance
    if np.isnan(chance.moved):
        return f"{text}; how many do so by chance cannot be told for this method."
    most = say_share(chance.moved)
    floor = (
        f"when customers are drawn anew and nothing else changes, "
        f"{most if most.startswith('under') else f'up to {most}'} move"
    )
    if movement.bordered / movement.followed <= chance.moved:
        given_up = changes.kept.retired  # which no one calls noise
        return f"{text}{', no more than by chance' if given_up else '. That is noise'}: {floor}."
    return f"{text}, more than by chance: {floor}."


def _parts(movement: Movement) -> tuple[str, str]:
    """Returns how many moved by their own values and by borders; neither follows by subtraction."""
    if not movement.bordered or not movement.changed:
        return "All of them", "They"
    if movement.moved >= FEWEST_TO_DESCRIBE > min(movement.changed, movement.bordered):
        most = ("Most of them", "A few others")
        return most if movement.changed >= movement.bordered else ("A few of them", "Most of them")
    return _few(movement.changed).capitalize(), _few(movement.bordered).capitalize()


def _heirs(movement: Movement) -> str:
    """Names the new numbers that count as the successors of old ones."""
    pairs = [f"segment {now} as what became of {then}" for then, now in movement.renumbered.items()]
    return f", counting {say_list(pairs)}" if pairs else ""


def _few(customers: int) -> str:
    return say_few(customers, FEWEST_TO_DESCRIBE)


def _number(numbers: list[int]) -> str:
    one = len(numbers) == 1
    return f"Segment{'' if one else 's'} {say_runs(numbers)}"
