"""URLs of databases and files: parsed, shown without secrets, made relative or absolute."""

from __future__ import annotations

import html
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from segmentation.data.errors import InputError, nearest_name, offer_name

ENV = "env:"
IN_FILES = ("sqlite", "duckdb")
SERVERS = ("postgresql", "postgres")
SPARK = "spark"
WAREHOUSES = (  # read through Ibis' backends; the drivers are extras of ibis-framework
    "athena",
    "bigquery",
    "clickhouse",
    "databricks",
    "druid",
    "exasol",
    "impala",
    "materialize",
    "mssql",
    "mysql",
    "oracle",
    "risingwave",
    "singlestoredb",
    "snowflake",
    "trino",
)
DATABASES = (*IN_FILES, *SERVERS, SPARK, *WAREHOUSES)
WORKING = "sqlite:///file, duckdb:///file, postgresql://user:password@host/database or env:NAME"
_PLAIN = re.compile(r"[\w.\-\[\]:,%*]*(?:/[^/]*)*")
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s\"<>]*@")
_OPTION = r"[?&]\w*(?:password|token|secret|key)="
_SECRET_OPTION = re.compile(rf"({_OPTION})[^&\s'\"]+", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """The address of a database: its kind, its name for readers, and its URL safe to show."""

    kind: str  # sqlite, duckdb, postgresql, spark or one of WAREHOUSES
    name: str
    shown: str
    url: str = field(repr=False)
    path: Path | None = None

    def refuse(self, what: str, remedy: str, code: str) -> InputError:
        """An `InputError` about this database that shows no password."""
        error = InputError(hide(what, secret_forms(self.url)), remedy, code=code)
        error.file = self.shown
        return error


def is_database(source: object) -> bool:
    """Whether a dataset is a URL of any scheme, and not a path or a frame.

    `read_address` refuses unknown schemes.
    """
    return isinstance(source, str) and (source.startswith(ENV) or "://" in source)


def is_remote(source: object) -> bool:
    """Whether a dataset is the URL of a file that fsspec can fetch."""
    if not isinstance(source, str) or not is_database(source):
        return False
    scheme, mark, _ = resolve_env(source).partition("://")
    if not mark or scheme in DATABASES or not scheme:
        return False
    from fsspec import available_protocols

    return scheme in available_protocols()


def resolve_env(source: str) -> str:
    """The value of the variable in `env:NAME`, empty if unset; any other source unchanged."""
    return os.environ.get(source[len(ENV) :], "") if source.startswith(ENV) else source


def remote_name(url: str) -> str:
    """The name of a remote file: the last part of its path."""
    place = url.partition("://")[2].rpartition("@")[2]
    name = unquote(re.split(r"[?#]", place)[0].rstrip("/").rpartition("/")[2])
    return re.sub(r"[\x00-\x1f/\\]", "-", name)[-120:].lstrip(".") or "table"


def read_address(source: str) -> Address:
    """Parses a database's URL or `env:NAME`; raises an `InputError` that shows no password."""
    if not source.startswith(ENV):
        return _parse(source, shown_url(source))
    name = source.removeprefix(ENV)
    url = os.environ.get(name)
    if not url:
        near = nearest_name(name, os.environ) if name else None
        remedy = f"did you mean env:{near}?" if near else "set it to the database's URL"
        raise _refused(source, "this environment variable is not set", remedy, "no-variable")
    address = _parse(url, source)
    if address.path is not None and not address.path.is_absolute():
        what = "the path in this environment variable is relative, and there is no folder for it"
        raise _refused(source, what, f"write it in full: {address.kind}:////…", "bad-url")
    return address


def shown_url(source: str) -> str:
    """The URL without password, user, options and folders."""
    if source.startswith(ENV):
        return source
    scheme, _, rest = source.partition("://")
    if scheme in IN_FILES:
        return f"{scheme}:///{Path(rest).name}"
    if is_remote(source):
        return _shown_remote(source)
    _, user_mark, place = rest.rpartition("@")
    place = re.split(r"[?#]", place)[0]
    if not _PLAIN.fullmatch(place) or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme):
        return f"{scheme if scheme.isalnum() else ''}://***"
    has_port = re.search(r":(?!\d+(?:[/,]|$))", re.sub(r"\[.*?\]", "", place))
    return f"{scheme}://***" if has_port else f"{scheme}://{'***@' if user_mark else ''}{place}"


def _shown_remote(source: str) -> str:
    """Scheme, server and name of a remote file: `https://example.org/…/customers.csv`."""
    scheme, _, rest = source.partition("://")
    _, user_mark, place = rest.rpartition("@")
    place = re.split(r"[?#]", place)[0]
    server, _, below = place.rstrip("/").partition("/")
    if not re.fullmatch(r"[\w.\-\[\]%]*(?::\d+)?", server):
        return f"{scheme}://***"
    between = "…/" if "/" in below else ""
    name = f"/{between}{remote_name(source)}" if below else ""
    return f"{scheme}://{'***@' if user_mark else ''}{server}{name}"


def database_name(source: str) -> str:
    """The name for a run or table of this source: the file's stem, or the database."""
    if source.startswith(ENV):
        return source.removeprefix(ENV)
    if is_remote(source):
        return Path(remote_name(source)).stem
    scheme, _, rest = source.partition("://")
    if scheme in IN_FILES:
        return Path(rest).stem
    place = shown_url(source).partition("://")[2]
    return unquote(place.partition("/")[2]) or "database"


def move_url(source: str, start: Path, relative: bool = False) -> str:
    """Makes the URL of a database file absolute from `start`, or relative to it; others stay."""
    scheme, _, rest = source.partition(":///")
    if scheme not in IN_FILES or not rest:
        return source
    moved = os.path.relpath(rest, start) if relative else (start / rest).resolve()
    return f"{scheme}:///{Path(moved).as_posix()}"


def has_secret(source: object) -> bool:
    """Whether a dataset is a URL with a password, or with a token among its options."""
    return is_database(source) and bool(_passwords(str(source)))


def secret_forms(source: object) -> set[str]:
    """Returns the texts that must never be published: the URL with its password, in any escaping.

    `env:NAME` is resolved. The password alone is included unless it is a plain word, which any page
    may contain.
    """
    if not isinstance(source, str) or not is_database(source):
        return set()
    source = resolve_env(source)
    passwords = _passwords(source)
    if not passwords:
        return set()
    words = {word for word in passwords if len(word) >= 8 and not word.isalpha()}
    forms = {source, *(f":{word}@" for word in passwords), *words}
    return {escaped for form in forms for escaped in _escape(form)}


def hide(text: str, forms: set[str] | list[str]) -> str:
    """Replaces all these forms in a text, and users and passwords of any URL, by ***."""
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, ":***@" if form.startswith(":") else "***")
    return hide_urls(text)


def hide_urls(text: str) -> str:
    """Replaces user and password of every URL in a text by ***."""
    return _SECRET_OPTION.sub(r"\1***", _USERINFO.sub(r"\1***@", text))


def _escape(form: str) -> set[str]:
    in_json = {json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]}
    return {form, html.escape(form), repr(form)[1:-1], *in_json}


def _passwords(url: str) -> set[str]:
    """The passwords in a URL, as written and decoded; for a remote file, user and options too."""
    words = re.findall(rf"{_OPTION}([^&#]+)", url, re.IGNORECASE)
    user = url.partition("://")[2].rpartition("@")[0]
    words += [user.partition(":")[2]]
    if is_remote(url):
        options = url.partition("?")[2]
        words += [user, options, *re.findall(r"=([^&#]+)", options)]
    return {form for word in words for form in (word, unquote(word)) if form and form != "***"}


def _parse(url: str, shown: str) -> Address:
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise _refused(shown, "holds no URL of a database", f"use {WORKING}", "bad-url")
    if scheme in IN_FILES:
        return _parse_file(scheme, rest, url, shown)
    if scheme == SPARK:
        return _parse_spark(rest, url, shown)
    if scheme in WAREHOUSES:
        return _parse_warehouse(scheme, url, shown)
    if scheme not in SERVERS:
        remedy = offer_name(scheme, DATABASES, f"use {WORKING}")
        raise _refused(shown, f"{scheme!r} databases are not read", remedy, "bad-url")
    try:
        parts = urlsplit(url)
        name, port = unquote(parts.path.strip("/")), parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    if parts.password == "***":
        remedy = "put the whole URL into an environment variable and write env:NAME"
        raise _refused(shown, "the password was left out of this URL", remedy, "bad-url")
    if not name or "/" in name or port == 0:
        remedy = f"write {scheme}://user:password@host:port/database; %40 is @, %2F is / in it"
        raise _refused(shown, "is no URL of a database", remedy, "bad-url")
    return Address("postgresql", name, shown, url)


def _parse_file(scheme: str, rest: str, url: str, shown: str) -> Address:
    if not rest.startswith("/") or not rest[1:] or "?" in rest or ":memory:" in rest:
        remedy = f"write {scheme}:///file.db, or {scheme}:////folder/file.db from the root"
        raise _refused(shown, "is no URL of a database file", remedy, "bad-url")
    path = Path(rest[1:])
    return Address(scheme, path.stem, shown, url, path)


def _parse_spark(rest: str, url: str, shown: str) -> Address:
    master, _, schema = rest.rpartition("/")
    if not re.fullmatch(r"local(?:\[(?:\d+|\*)\])?|yarn|[\w.\-]+:\d+", master) or not re.fullmatch(
        r"\w+", schema
    ):
        remedy = "write spark://local[2]/default, or spark://host:7077/schema"
        raise _refused(shown, "is no URL of Spark", remedy, "bad-url")
    return Address(SPARK, schema, shown, url)


def _parse_warehouse(scheme: str, url: str, shown: str) -> Address:
    """Leaves the rest of the URL to Ibis, which knows each kind."""
    if ":***@" in url or "://***@" in url:
        remedy = "put the whole URL into an environment variable and write env:NAME"
        raise _refused(shown, "the password was left out of this URL", remedy, "bad-url")
    return Address(scheme, database_name(url), shown, url)


def _refused(shown: str, what: str, remedy: str, code: str) -> InputError:
    error = InputError(what, remedy, code=code)
    error.file = shown
    return error
