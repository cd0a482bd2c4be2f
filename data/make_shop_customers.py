"""Writes shop_customers.csv: 2,000 customers of an online shop, drawn from four known groups.

    python data/make_shop_customers.py            writes the file beside this script

The groups overlap, money is skewed, some values are missing: what a real export looks like.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20260901
CUSTOMERS = 2_000
LAST_DAY = pd.Timestamp("2026-08-31")


@dataclass(frozen=True)
class Group:
    """One kind of customer: its share of all and the typical values of its members."""

    share: float
    orders: float  # median orders in twelve months
    order_eur: float  # median value of one order
    days_away: float  # median days since the last order
    discount: float  # mean share of orders bought with a discount
    age: float
    app: float  # probability that the customer mostly buys in the app


GROUPS = {
    "regulars": Group(0.36, 14.0, 42.0, 14.0, 0.18, 43, 0.45),
    "bargain hunters": Group(0.28, 9.0, 24.0, 32.0, 0.74, 35, 0.62),
    "big baskets": Group(0.20, 3.4, 215.0, 62.0, 0.12, 51, 0.20),
    "lapsed": Group(0.16, 1.4, 46.0, 265.0, 0.42, 40, 0.30),
}


def draw_group(name: str, rng: np.random.Generator) -> pd.DataFrame:
    """The customers of one group, a row each; `group` names it."""
    group = GROUPS[name]
    n = round(group.share * CUSTOMERS)
    orders = np.maximum(1, np.round(group.orders * rng.lognormal(0, 0.42, n)))
    order_eur = group.order_eur * rng.lognormal(0, 0.50, n)
    age = np.clip(np.round(rng.normal(group.age, 11, n)), 18, 88)
    return pd.DataFrame(
        {
            "group": name,
            "age": age,
            "country": rng.choice(["DE", "AT", "NL", "FR"], n, p=[0.55, 0.15, 0.18, 0.12]),
            "channel": np.where(rng.random(n) < group.app, "app", "web"),
            "newsletter": np.where(rng.random(n) < 0.25 + group.discount / 2, "yes", "no"),
            "orders": orders.astype(int),
            "average_order_eur": order_eur.round(2),
            "days_since_last_order": np.clip(
                np.round(group.days_away * rng.lognormal(0, 0.65, n)), 0, 540
            ).astype(int),
            "discount_share_pct": np.round(
                100 * rng.beta(group.discount * 9, (1 - group.discount) * 9, n), 1
            ),
            "revenue_eur": (orders * order_eur).round(2),
        }
    )


def draw_customers(seed: int = SEED) -> pd.DataFrame:
    """All customers in random order, with the `group` that each was drawn from."""
    rng = np.random.default_rng(seed)
    drawn = pd.concat([draw_group(name, rng) for name in GROUPS], ignore_index=True)
    drawn = drawn.sample(frac=1, random_state=seed, ignore_index=True)
    since = rng.integers(200, 3_000, len(drawn))
    drawn.insert(0, "customer_id", [f"C{number:05d}" for number in range(1, len(drawn) + 1)])
    drawn.insert(2, "customer_since", (LAST_DAY - pd.to_timedelta(since, "D")).strftime("%Y-%m-%d"))
    drawn["age"] = drawn["age"].astype("Int64").mask(rng.random(len(drawn)) < 0.06)
    drawn["discount_share_pct"] = drawn["discount_share_pct"].mask(rng.random(len(drawn)) < 0.012)
    return drawn


def main() -> None:
    path = Path(__file__).with_name("shop_customers.csv")
    draw_customers().drop(columns="group").to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
