"""Spark: one session per process, on a local master or a cluster; tables stay there."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot as sg
from ibis.formats.pandas import PandasData
from sqlglot import exp

from segmentation.data.databases.address import Address
from segmentation.data.databases.backend import RemoteBackend
from segmentation.data.databases.engine import first_line
from segmentation.data.databases.warehouse import Warehouse, extend_backend
from segmentation.data.errors import InputError

INSTALL = "pip install -r requirements-spark.txt"
_LOGS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")  # they repeat every error
_SETTINGS = {
    "spark.app.name": "segment-reports",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "0",  # narrow columns of all rows are fetched
}


class Session(RemoteBackend):
    """Ibis' own backend, extended; results are fetched as Arrow, in one piece."""

    def compile_bare(self, expr: ir.Expr, **options: Any) -> str:
        """The SQL; correlations without variance become NULL: Spark's own fail."""
        tree = self.compiler.to_sqlglot(expr, **options)
        return str(tree.transform(self._correlate).sql(dialect=self.dialect))

    def _correlate(self, node: Any) -> Any:
        if not isinstance(node, exp.Corr):
            return node
        a, b = (part.sql(dialect=self.dialect) for part in (node.this, node.expression))
        spread = " * ".join(f"STDDEV_POP(IF({y} IS NULL, NULL, {x}))" for x, y in ((a, b), (b, a)))
        safe = f"COVAR_POP({a}, {b}) / NULLIF({spread}, 0)"
        return sg.parse_one(safe, dialect=self.dialect)

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result, as Ibis returns it."""
        table = expr.as_table()
        frame = self._fetch(table, **options).to_pandas()
        return expr.__pandas_result__(PandasData.convert_table(frame, table.schema()))

    def to_pyarrow(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result as Arrow."""
        return expr.__pyarrow_result__(self._fetch(expr.as_table(), **options))

    def to_pyarrow_batches(
        self, expr: ir.Expr, /, *, chunk_size: int = 1_000_000, **options: Any
    ) -> pa.RecordBatchReader:
        """The result in batches, after all of it has been fetched."""
        rows = self._fetch(expr.as_table(), **options)
        return pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(chunk_size))

    def _fetch(self, table: ir.Table, **options: Any) -> pa.Table:
        self._run_pre_execute_hooks(table)
        with self.explaining():
            rows = self.raw_sql(self.compile(table, **options)).toArrow()
        return rows.cast(table.schema().to_pyarrow())


class Spark(Warehouse):
    """A schema of Spark's catalogue; queries may name files too."""

    def connect(self, address: Address) -> RemoteBackend:
        """The backend on the only session of this process."""
        master, _ = split_master(address.url)
        try:
            import pyspark.errors
        except ImportError:
            raise address.refuse(
                "the driver of Spark is not installed", INSTALL, "no-driver"
            ) from None
        try:
            session = _open_session(master)
        except (pyspark.errors.PySparkException, OSError, RuntimeError) as error:
            raise address.refuse(
                f"Spark does not start ({first_line(error)})",
                "check the master, and that Java 17 is there: JAVA_HOME",
                "no-server",
            ) from None
        running = session.sparkContext.master
        if running != master:
            raise address.refuse(
                f"this process is at work on {running} already",
                "give its reports to a run of their own",
                "no-server",
            )
        return extend_backend(ibis.pyspark.connect(session), Session)

    def find_home(self, address: Address) -> str:
        """The schema of the URL."""
        with self.backend.explaining():
            self.backend.raw_sql(f"USE `{address.name}`")
        return address.name

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Translates an error of Spark; one of Java is quoted by its first line."""
        if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
            return None
        fault, kind = first_line(error), type(error).__name__
        if kind in ("AnalysisException", "ParseException"):
            return address.refuse(f"table: the query fails ({fault})", "mend it", "bad-query")
        if kind in ("Py4JNetworkError", "Py4JError"):
            return address.refuse(
                "the connection was lost while the rows were read",
                "run it again",
                "connection-lost",
            )
        remedy = "mend it, or leave it out in a query: table"
        return address.refuse(f"holds a value that cannot be read ({fault})", remedy, "unreadable")

    def close(self) -> None:
        """Keeps the session until the process ends, as other tables may use it."""


def split_master(url: str) -> tuple[str, str]:
    """Spark's own name of the master in a URL spark://MASTER/SCHEMA, and the schema."""
    master, _, schema = url.partition("://")[2].rpartition("/")
    return (f"spark://{master}" if ":" in master else master), schema


def _open_session(master: str) -> Any:
    """The active session of this process, or a new one without log messages."""
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    for name in _LOGS:
        PySparkLogger.getLogger(name).disabled = True
    with _silence():
        builder = SparkSession.builder.master(master)
        active = SparkSession.getActiveSession()
        if active is not None:
            return active
        settings = _SETTINGS | (_local_settings() if master.startswith("local") else {})
        for name, value in settings.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


def _local_settings() -> dict[str, str]:
    """Settings of a local Spark: reachable from this machine only, with a temporary folder."""
    settings = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if "SPARK_CONF_DIR" in os.environ:
        return settings
    folder = tempfile.mkdtemp(prefix="segmentation-spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return settings | {"spark.sql.warehouse.dir": folder}


@contextmanager
def _silence() -> Iterator[None]:
    """Discards stderr: a Java process started here keeps that for as long as it runs."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
