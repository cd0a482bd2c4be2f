"""What is typical of the kept segments, then and now."""

from __future__ import annotations

from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.portraits.profiles import Profiles


def list_medians(changes: Changes, profiles: Profiles) -> dict[int, dict[str, float]]:
    """Returns the medians of kept segments then, by number and feature, in today's units."""
    found = {}
    for row in changes.earlier.report.result.get("segments") or []:
        number = row.get("segment")
        known = {name: row.get(f"median {name}") for name in profiles.features}
        medians = {
            name: float(value) * 10.0 ** changes.rescaled.get(name, 0)
            for name, value in known.items()
            if value is not None
        }
        many = profiles.sizes.get(number, 0) >= FEWEST_TO_DESCRIBE
        if number in changes.names and medians and many:
            found[int(number)] = medians
    return found
