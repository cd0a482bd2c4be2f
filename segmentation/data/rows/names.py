"""What a column's name says: the one list of words for ids, numbers of things, and places.

A name is read from its last word, as in *store id* or *ZIP code*; a word for a count or an amount
after it (*phone calls*) makes it a measure. Words are English, and common ones of other languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_NAMING = {"id", "ids", "uuid", "uid", "guid", "key", "code", "sku", "iban", "ean"}
_NAMING |= {"isbn", "upc", "ssn"}
_NAMING |= {"imei", "vin", "cuit", "cnpj", "cpf", "nif", "leid", "index", "rownum"}
_NAMING |= {"rowid", "clave"}
_NAMING |= {"barcode", "gtin", "siret", "siren", "matricule", "nip", "pesel", "bsn"}
_CONTACT = {"phone", "mobile", "fax", "email", "mail", "telefon", "telephone", "telefono", "handy"}
_CONTACT |= {"tel"}
_POSTAL = {"zip", "zipcode", "postcode", "postal", "postalcode", "plz", "postleitzahl", "pincode"}
_POSTAL |= {"cep", "cp", "zip4"}
_NUMBER = {"no", "nr", "num", "nbr", "number", "nummer", "numero", "ref", "reference", "knr"}
_PERSON = {"customer", "client", "user", "member", "cust", "subscriber", "kunde", "kund", "klant"}
_PERSON |= {"cliente", "mitglied", "patient", "buyer", "shopper", "purchaser", "payer", "debtor"}
_PERSON |= {"acheteur", "comprador", "koper", "kaeufer", "kaufer", "debitor"}  # alone: who it was
_CUSTOMER = _PERSON | {"account", "acct", "kunden", "kun", "contact", "card", "loyalty", "guest"}
_CUSTOMER |= {"konto", "mitglieds", "master", "record", "kd", "cuenta", "compte"}
_CUSTOMER |= {"tarjeta", "carte"}
_THING = {"store", "shop", "branch", "order", "invoice", "row", "line", "household", "company"}
_THING |= {"contract", "policy", "person", "partner", "employee", "vendor", "product", "filiale"}
_THING |= {"filial", "karten", "karte", "vertrag", "vertrags", "region", "area", "tax", "serial"}
_PAPER = {"invoice", "rechnung", "rechnungs", "beleg", "bestellung", "bestell"}
_PAPER |= {"auftrag", "auftrags"}
_PAPER |= {"facture", "factura", "fattura", "pedido", "commande", "receipt", "bestelling"}
_PLACE = {"store", "shop", "branch", "filiale", "filial", "territory"}
_SHORT = {"id", "key", "code"}
_FIRST = {"numero", "codigo", "code", "nr", "no"}  # before the thing, as in *numero cliente*
_ENTITY = _CUSTOMER | _THING | _PAPER | _CONTACT
_ROW = re.compile(
    r"unnamed(?:[:_. ]*\d+)*|_*index(?:_level_\d+)?_*|level_\d+|column ?1|row|lfd", re.I
)
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COMPOUND = re.compile(
    rf"({'|'.join(sorted(_ENTITY, key=len, reverse=True))})"
    rf"({'|'.join(sorted(_NUMBER | _SHORT, key=len, reverse=True))})"
)
_CUSTOM_FIELD = re.compile(r"__c$")  # what Salesforce adds to a name
_DEGREES = {"deg", "degree", "degrees", "decimal", "dd", "wgs"}
LATITUDE, LONGITUDE = {"lat", "latitude", "breitengrad"}, {"lon", "lng", "longitude", "laengengrad"}


def find_id(names: Sequence[str]) -> str | None:
    """Returns the first column if its name says that it is an id, else None."""
    words = split_name(names[0])
    known = _CUSTOMER | _NUMBER | _SHORT
    is_id = words[:1] == ["id"] or (bool(words) and set(words) <= known)
    return names[0] if is_id and not set(words) <= _CUSTOMER and not set(words) & _THING else None


def names_an_identifier(name: str) -> bool:
    """Whether a column's name says that its values name something, such as an id or a zip code."""
    words = split_name(name)
    if numbers_rows(name):
        return True
    if not words:
        return False
    if words[-1] == "index" and len(words) > 1:  # of prices, of body mass
        return False
    numbered = words[-1] in _NUMBER and bool(set(words[:-1]) & _ENTITY)
    numbered |= len(words) == 2 and words[0] in _FIRST and words[1] in _ENTITY
    last = words[-1] in _NAMING | _CONTACT | _POSTAL or words[-1] == "address"
    alone = len(words) == 1 and words[0] in _PLACE | _PAPER
    first = words[0] == "id" or _is_person(words) or alone
    return last or numbered or first or bool(set(words) & _POSTAL)


def names_customers(name: str) -> bool:
    """Whether a column's name says that its values name customers: *customer id*, *email*."""
    words = split_name(name)
    pairs = set(pairwise(words))
    numbered = any(
        one in _CUSTOMER and two in _NUMBER | _SHORT | {"guid", "uuid"} for one, two in pairs
    )
    first = words[:1] == ["id"] or (len(words) == 2 and words[0] in _FIRST)
    first = first and set(words[1:]) <= _CUSTOMER
    email = words[-1:] in (["email"], ["mail"]) or words[-2:] == ["email", "address"]
    return numbered or first or email or _is_person(words)


def _is_person(words: Sequence[str]) -> bool:
    return len(words) == 1 and words[0] in _PERSON


def numbers_rows(name: str) -> bool:
    """Whether a column's name is one that tables give to their row numbers."""
    words = split_name(name)
    numbered = "row" in words and set(words) <= {"row", "id", "index", *_NUMBER}
    return numbered or bool(_ROW.fullmatch(name.strip()))


def names_a_place(name: str) -> bool:
    """Whether a column's name is that of a latitude or longitude."""
    words = [word for word in split_name(name) if word not in _DEGREES]
    return bool(words) and (words[-1] in LATITUDE | LONGITUDE or words == ["long"])


def split_name(name: str) -> list[str]:
    """The words of a name in lower case; run-together ones (KUNNR, clientnum) are cut in two."""
    plain = unicodedata.normalize("NFKD", _CUSTOM_FIELD.sub("", name))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", plain))]
    return [part for word in words for part in _cut(word)]


def _cut(word: str) -> list[str]:
    both = _COMPOUND.fullmatch(word)
    return list(both.groups()) if both else [word]
