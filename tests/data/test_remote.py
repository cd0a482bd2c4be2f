"""Files by URL are read like local ones, or refused in one line without a secret."""

from __future__ import annotations

import base64
import functools
import gc
import http.server
import threading
from collections.abc import Iterator

import fsspec
import pandas as pd
import pytest

from segmentation.data import ROW, InputError, Reading, open_source
from segmentation.data.databases.address import has_secret, is_remote, secret_forms, shown_url
from segmentation.data.limits import Limits
from segmentation.data.remote import fetch

pytestmark = pytest.mark.long

FRAME = pd.DataFrame({"id": range(1, 41), "spend": [n * 1.5 for n in range(40)], "town": "Ulm"})
PASSWORD = "pl4nted-s3cret"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; `private` only to the tests' user."""

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
        if "/private/" in self.path and self.headers.get("Authorization") != wanted:
            self.send_error(401)
        elif "/broken/" in self.path:
            self.send_error(503)
        else:
            super().do_GET()

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Logs nothing."""


@pytest.fixture
def site(tmp_path) -> Iterator[str]:
    """The host and port of a local file server."""
    (tmp_path / "site" / "private").mkdir(parents=True)
    for folder in ("site", "site/private"):
        FRAME.to_csv(tmp_path / folder / "customers.csv", index=False)
    handler = functools.partial(Handler, directory=str(tmp_path / "site"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """fsspec's file system in memory."""
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def rows(source: str) -> list[list[object]]:
    return open_source(source).table.order_by(ROW).execute().drop(columns=ROW).to_numpy().tolist()


def refusal(source: str) -> InputError:
    with pytest.raises(InputError) as refused:
        open_source(source)
    said = str(refused.value)
    assert said.startswith(shown_url(source)) and len(said) <= 300 and "\n" not in said
    return refused.value


@pytest.mark.parametrize("name", ["c.csv", "c.csv.gz", "c.parquet"])
def test_a_remote_file_gives_the_same_table_as_its_copy(name, memory, tmp_path):
    write = FRAME.to_parquet if name.endswith("parquet") else FRAME.to_csv
    write(tmp_path / name, index=False)
    memory.pipe(f"/deep/er/{name}", (tmp_path / name).read_bytes())
    opened, local = open_source(f"memory://deep/er/{name}"), open_source(tmp_path / name)
    assert opened.name == name and opened.fingerprint() == local.fingerprint()
    assert rows(f"memory://deep/er/{name}") == rows(tmp_path / name) == FRAME.to_numpy().tolist()


def test_a_remote_folder_is_judged_like_a_local_one(memory, tmp_path):
    for part in (1, 2):
        data = FRAME.assign(part=part).drop(columns="part").to_parquet(None)
        memory.pipe(f"/lake/part={part}/x.parquet", data)
        (tmp_path / "lake" / f"part={part}").mkdir(parents=True)
        (tmp_path / "lake" / f"part={part}" / "x.parquet").write_bytes(data)
    memory.pipe("/lake/_SUCCESS", b"")
    assert rows("memory://lake") == rows(tmp_path / "lake")
    assert open_source("memory://lake/").fingerprint() == open_source("memory://lake").fingerprint()
    memory.pipe("/lake/notes.txt", b"left out")
    assert open_source("memory://lake").notes[0].code == "other-files"
    memory.pipe("/lake/_delta_log/0.json", b"{}")
    with pytest.raises(InputError, match="lake: is a Delta table"):
        open_source("memory://lake")


def test_the_copy_is_deleted_with_the_table(memory, kept_in):
    memory.pipe("/c.csv", FRAME.to_csv(index=False).encode())
    opened = open_source("memory://c.csv")
    gc.collect()
    assert opened.table.count().execute() == 40 and len(list(kept_in.rglob("c.csv"))) == 1
    del opened
    gc.collect()
    assert list(kept_in.iterdir()) == []


def test_a_file_of_this_machine_is_not_copied(tmp_path, kept_in):
    FRAME.to_csv(tmp_path / "c.csv", index=False)
    opened = open_source(f"file://{tmp_path}/c.csv")
    assert opened.path == tmp_path / "c.csv" and list(kept_in.rglob("c.csv")) == []


def test_http_is_read_with_and_without_a_password(site, monkeypatch):
    assert rows(f"http://{site}/customers.csv?version=7") == FRAME.to_numpy().tolist()
    whole = f"http://ann:{PASSWORD}@{site}/private/customers.csv"
    assert rows(whole) == FRAME.to_numpy().tolist()
    monkeypatch.setenv("CUSTOMERS_URL", whole)
    assert rows("env:CUSTOMERS_URL") == FRAME.to_numpy().tolist()
    assert open_source(whole, Reading(delimiter=",")).name == "customers.csv"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("gone.csv", "no-file"),
        ("private/customers.csv", "no-permission"),
        ("broken/customers.csv", "no-server"),
    ],
)
def test_files_that_a_server_refuses_are_refused(place, code, site):
    for user in ("", f"joe:{PASSWORD}@"):
        refused = refusal(f"http://{user}{site}/{place}")
        assert refused.code == code and PASSWORD not in str(refused)


def test_a_server_that_does_not_answer_is_reported(site):
    refused = refusal("http://127.0.0.1:9/customers.csv")
    assert refused.code == "no-server" and "does not answer" in refused.what


@pytest.mark.parametrize(
    ("url", "driver"),
    [("s3://b/c.csv", "s3fs"), ("gs://b/c.csv", "gcsfs"), ("abfs://a/c.csv", "adlfs")],
)
def test_a_driver_that_is_not_installed_is_named(url, driver):
    refused = refusal(url)
    assert refused.code == "no-driver"
    assert (
        refused.what == f"{driver} is not installed" and refused.remedy == f"pip install {driver}"
    )


def test_a_missing_or_too_large_file_is_refused(memory, tmp_path):
    assert refusal("memory://none/c.csv").code == "no-file"
    memory.pipe("/c.csv", b"a,b\n" * 100)
    with pytest.raises(InputError) as refused:
        fetch("memory://c.csv", tmp_path, Limits(max_bytes=399))
    assert refused.value.code == "max-bytes" and str(refused.value).startswith("memory://c.csv")
    for part in (1, 2):
        memory.pipe(f"/many/{part}.parquet", b"x" * 60)
    with pytest.raises(InputError, match="the limit is 100"):
        fetch("memory://many", tmp_path, Limits(max_bytes=100))


def test_a_server_with_wrong_lengths_is_bounded(memory, tmp_path, monkeypatch):
    memory.pipe("/c.csv", b"a,b\n" * 100)
    monkeypatch.setattr(type(memory), "info", lambda *_, **__: {"size": None, "type": "file"})
    with pytest.raises(InputError, match="the limit is 99"):
        fetch("memory://c.csv", tmp_path, Limits(max_bytes=99))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a/b/c.csv", "https://example.org/…/c.csv"),
        ("https://ann:pw@example.org:80/c.csv?sig=k#x", "https://***@example.org:80/c.csv"),
        ("https://t0ken@example.org/c.csv", "https://***@example.org/c.csv"),
        ("https://ann:p/w@example.org/c.csv", "https://***@example.org/c.csv"),
        ("s3://bucket/lake/", "s3://bucket/lake"),
        ("https://ex ample/c.csv", "https://***"),
    ],
)
def test_a_url_is_shown_without_folders_and_secrets(url, shown):
    assert is_remote(url) and shown_url(url) == shown
    secret = "@" in url or "?" in url
    assert has_secret(url) == secret == bool(secret_forms(url))


def test_databases_and_unknown_schemes_are_no_files():
    for url in ("postgresql://h/db", "sqlite:///x.db", "htps://h/c.csv", "://c.csv", "c.csv"):
        assert not is_remote(url)
