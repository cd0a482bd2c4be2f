"""Any customer table, read strictly or refused: the front door of the rooms below.

- open a table: `open_source`, `open_table`, `open_customers` with `Reading`; a `Source` comes back
- its columns: `check_columns`, `check_k`, `check_names`, `Columns`, `Why`, `Fact`, `find_twins` …
- its rows, on any engine: `ROW`, `hash_rows`, `thin_out`, `fence`, `list_row_groups` …
- what is published: `Report`, `open_report`, `open_runs`, `open_names`, `write_csv` …
- what is wrong: `InputError`, `Note`, `offer_name`
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
