"""The rows of any engine's table: whether they are customers, their keys, their fingerprints."""

from segmentation.data.rows.copies import count_copies, find_distinct
from segmentation.data.rows.engines import Remote, compute, fence, is_embedded, open_engine
from segmentation.data.rows.fingerprints import file_sha256, path_sha256, rows_digest, rows_sha256
from segmentation.data.rows.identity import check_customers
from segmentation.data.rows.keys import PRIME, hash_keys, hash_rows, number_key, thin_out
from segmentation.data.rows.names import find_id, names_an_identifier
from segmentation.data.rows.table import Rows

__all__ = [
    "PRIME",
    "Remote",
    "Rows",
    "check_customers",
    "compute",
    "count_copies",
    "fence",
    "file_sha256",
    "find_distinct",
    "find_id",
    "hash_keys",
    "hash_rows",
    "is_embedded",
    "names_an_identifier",
    "number_key",
    "open_engine",
    "path_sha256",
    "rows_digest",
    "rows_sha256",
    "thin_out",
]
