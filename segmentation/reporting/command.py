"""The command: options in, an exit code out.

`--help` and a misspelt option need nothing else, so the rest is imported after the options.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from segmentation.data.databases.address import hide_urls
from segmentation.data.errors import shown
from segmentation.reporting.console import complain, prepare_streams
from segmentation.reporting.errors import UsageError
from segmentation.reporting.options import read_options
from segmentation.reporting.outcome import INTERRUPTED, SOME_FAILED, TERMINATED, WRONG
from segmentation.reporting.ownership import ForeignError
from segmentation.reporting.wording import describe_os_error


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    0 all good · 2 wrong before any data was read · 3 every run that did not succeed was a
    refused input · 4 or was held by an expectation · 1 anything else went wrong in some run ·
    130 / 143 interrupted.
    """
    signal.signal(signal.SIGTERM, _stop)
    prepare_streams()
    try:
        options = read_options(words)
        from segmentation.reporting.call import carry_out

        return carry_out(options)
    except (UsageError, ForeignError) as error:
        _complain(shown(hide_urls(str(error)), 400))
        return WRONG
    except OSError as error:
        _complain(describe_os_error(error))
        return SOME_FAILED
    except KeyboardInterrupt:
        complain("interrupted; finished reports are kept")
        return INTERRUPTED


def _complain(message: str) -> None:
    complain(f"run_reports.py: {message}")


def _stop(*_: object) -> NoReturn:
    sys.exit(TERMINATED)
