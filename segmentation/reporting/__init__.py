"""Reports from notebooks: a run is resolved, checked, executed, judged and published.

The command line starts at `command.main`. The names below are what other rooms may use; they
import neither papermill nor nbconvert.
"""

import sys

from segmentation.reporting.errors import UsageError
from segmentation.reporting.notebooks import HOME, NOTEBOOK
from segmentation.reporting.parameters import Parameter, read_parameters
from segmentation.reporting.run_names import is_run_name, name_for

__all__ = [
    "HOME",
    "NOTEBOOK",
    "Parameter",
    "UsageError",
    "is_run_name",
    "name_for",
    "read_parameters",
]

# nbformat imports jsonschema, which would compile the grammars of this optional package, a second
# long, for formats that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
