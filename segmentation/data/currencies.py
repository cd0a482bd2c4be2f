"""Columns of several currencies, whose amounts no one should add up or compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from segmentation.data.errors import shown
from segmentation.data.rows.names import split_name

_CODES = (
    "EUR USD GBP JPY CHF CAD AUD NZD CNY RMB INR SEK NOK DKK ISK PLN CZK HUF RON BGN TRY TL RUB UAH"
    " RSD GEL KZT BRL MXN ARS CLP COP PEN UYU ZAR KRW SGD HKD TWD THB IDR MYR PHP VND AED SAR QAR"
    " KWD ILS EGP MAD TND NGN KES GHS PKR BDT LKR"
)
_SIGNS = "€ $ £ ¥ ₹ ₽ ₺ ₩ ₴ ₫ ZŁ KR FR SFR US$ R$ C$ A$"
_WORDS = "EURO EUROS DOLLAR DOLLARS YEN POUND POUNDS FRANKEN FRANC RUPEE RUPEES YUAN PESO PESOS"
_KNOWN = set(f"{_CODES} {_SIGNS} {_WORDS}".split())
_NAMES = {"currency", "currencycode", "ccy", "waehrung", "wahrung", "devise", "moneda", "valuta"}
_NAMES |= {"divisa", "moeda", "waluta", "currencies"}
MOST_CURRENCIES, _SHOWN = 60, 5


def find_currencies(table: ir.Table, names: Sequence[str]) -> Iterator[str]:
    """Yields what columns hold, if it is several currencies: *currency holds 2 (EUR, USD)*.

    Their values are codes, signs or names of currencies, or the column's name says so.
    """
    for name in names:
        if not table[name].type().is_string():
            continue
        cell = table[name].strip().upper()
        some = table.select(cell=cell).filter(cell.notnull(), cell != "").distinct()
        values = sorted(some.limit(MOST_CURRENCIES + 1).execute()["cell"])
        named = bool(_NAMES & set(split_name(name)))
        if 1 < len(values) <= MOST_CURRENCIES and (named or set(values) <= _KNOWN):
            few = [shown(value, 12) for value in values[:_SHOWN]]
            more = ", …" if len(values) > _SHOWN else ""
            yield f"{name} holds {len(values)} currencies ({', '.join(few)}{more})"
