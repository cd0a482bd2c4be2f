from .copies import count_copies, find_distinct
from .engines import Remote, compute, fence, is_embedded, open_engine
from .file_hashes import file_sha256, path_sha256
from .fingerprints import rows_digest, rows_sha256
from .identity import check_customers
from .keys import PRIME, hash_keys, hash_rows, number_key, thin_out
from .names import find_id, names_an_identifier
from .table import Rows

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
