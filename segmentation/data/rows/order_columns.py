"""The columns of order lines, known by their types and names, for the remedy that names them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from segmentation.data.rows.names import names_an_identifier, split_name
from segmentation.data.sql import ROW

_QUANTITY = {"quantity", "qty", "menge", "quantite", "cantidad", "units"}
_PRICE = {"price", "unitprice", "preis", "einzelpreis", "prix", "precio", "prezzo", "prijs"}
_AMOUNT = {"amount", "total", "revenue", "sales", "value", "betrag", "umsatz", "paid", "summe"}
_AMOUNT |= {"sum", "spend", "montant", "importe", "dollar", "turnover", "cost", "net", "gross"}
_OF_MANY = {"last", "first", "latest", "letzte", "count", "customer"}
UNKNOWN = "COLUMN"  # of customers
_BORN = {"birth", "birthday", "dob", "geburtsdatum", "signup", "registered", "joined"}
_ORDER = {"order", "invoice", "bill", "receipt", "transaction", "rechnung", "rechnungs", "basket"}
_ORDER |= {"bestellung", "bestell", "auftrag", "auftrags", "beleg", "factura", "facture", "ticket"}
_ORDER |= {"pedido", "commande", "bestelling", "ordine", "fattura"}


def find_order(names: Sequence[str]) -> str | None:
    """Returns the column of order numbers, such as InvoiceNo; None for a customer's last order."""
    numbers = [n for n in names if names_an_identifier(n) and not _OF_MANY & set(split_name(n))]
    return _find(numbers, _ORDER)


def offer_orders(table: ir.Table, customer: str) -> str | None:
    """Returns the parameter that makes customers of a table's order lines, `orders: {…}`.

    None if no column looks like the date or the amount: then rows are hardly order lines.
    """
    kinds = {name: kind for name, kind in table.schema().items() if name not in (ROW, customer)}
    dates = [name for name, kind in kinds.items() if kind.is_date() or kind.is_timestamp()]
    numbers = [n for n, kind in kinds.items() if kind.is_numeric() and not names_an_identifier(n)]
    amount, price = _find(numbers, _AMOUNT), _find(numbers, _PRICE)
    quantity, order = _find(numbers, _QUANTITY), _find(list(kinds), _ORDER)
    value = {"amount": amount or (None if quantity else price)}
    if amount is None and quantity and price:
        value = {"quantity": quantity, "price": price}
    if not dates or None in value.values():
        return None
    parts = {"customer": customer, "date": _choose_date(table, dates), **value, "order": order}
    return f"orders: {{{', '.join(_list_parts(parts))}}}"


def _choose_date(table: ir.Table, dates: Sequence[str]) -> str:
    """Returns the date that most lines have; of equals, the first that is none of birth."""
    counts = table.aggregate(**{str(i): table[name].count() for i, name in enumerate(dates)})
    present = counts.execute().iloc[0]
    born = [bool(_BORN & set(split_name(name))) for name in dates]
    best = min(range(len(dates)), key=lambda i: (born[i], -int(present[str(i)])))
    return dates[best]


def _find(names: Sequence[str], words: set[str]) -> str | None:
    return next((name for name in names if words & set(split_name(name))), None)


def _list_parts(parts: dict[str, str | None]) -> Iterator[str]:
    for part, name in parts.items():
        if name is not None:
            plain = re.fullmatch(r"[^\W\d][\w ]*", name) is not None
            yield f"{part}: {name if plain else json.dumps(name, ensure_ascii=False)}"
