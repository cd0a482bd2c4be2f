"""The encoding of a text that is not UTF-8: cp1252 if its bytes look Western, else a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.text.containers import BLOCK

CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_ENOUGH = 1 << 18  # bytes of evidence
_UNUSED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # bytes that cp1252 gives no character
# Signs that stand between two letters in Western text: ' ’ ‘ – — · soft hyphen, no-break space.
_JOINING = "’‘`´–—·­\xa0"


def count_line_ends(block: bytes) -> int:
    """The number of line ends in a block, of whichever kind."""
    return block.count(b"\n") or block.count(b"\r")


def binary_data() -> InputError:
    """The refusal of data that is not text."""
    return InputError("is binary data, not text", "export the table as CSV", code="binary")


@dataclass(frozen=True)
class _Evidence:
    """What the bytes of a whole file say about its encoding."""

    line: int  # the first that is not UTF-8
    valid: int  # lines that are UTF-8 and not ASCII
    sample: bytes  # some of the lines that are not UTF-8
    controls: int  # control characters
    size: int


def guess_encoding(path: Path) -> tuple[str, Note]:
    """The name cp1252 and a note on it; refuses a text that may be in another encoding."""
    evidence = _gather_evidence(path)
    if evidence.controls > evidence.size // 100 + 2:
        raise binary_data()
    if evidence.valid:
        raise InputError(
            "is not valid UTF-8, though other lines are: mixed encodings",
            "save it again as UTF-8, or name one, such as encoding: cp1252",
            code="encoding",
            line=evidence.line,
        )
    if set(evidence.sample) & _UNUSED or not _is_western(evidence.sample):
        raise _undecided(evidence.sample, evidence.line)
    words = re.split(rb"[\s,;|\t\"]+", evidence.sample)
    word = next(w for w in words if not w.isascii()).decode("cp1252", "replace")
    what = f"read as cp1252 (not UTF-8), as in {shown(word, 30)!r}"
    return "cp1252", Note("encoding", what, evidence.line)


def _gather_evidence(path: Path) -> _Evidence:
    first = lines = valid = controls = size = 0
    sample: list[bytes] = []
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            block += file.readline(BLOCK)
            size += len(block)
            controls += len(CONTROL.findall(block))
            if not block.isascii():
                first = first or lines + _find_bad_line(block)
                high = [line for line in re.split(rb"[\r\n]+", block) if not line.isascii()]
                bad = [line for line in high if not _is_utf8(line)]
                valid += len(high) - len(bad)
                sample += bad if sum(map(len, sample)) < _ENOUGH else []
            lines += count_line_ends(block)
    return _Evidence(first, valid, b"\n".join(sample)[:_ENOUGH], controls, size)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _find_bad_line(block: bytes) -> int:
    """The first line of a block that is not UTF-8, from 1; 0 if all are."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        return count_line_ends(block[: error.start]) + 1
    return 0


def _is_western(sample: bytes) -> bool:
    """Whether the bytes look like Western words in cp1252.

    That is: few long runs of high bytes, few signs inside words, no better guess.
    """
    high = re.findall(rb"[\x80-\xff]+", sample)
    total = sum(map(len, high))
    in_runs = sum(len(run) for run in high if len(run) >= 4)
    text = sample.decode("cp1252", "replace")
    odd = sum(
        1
        for before, sign, after in re.findall(r"(?=(\w)([^\x00-\x7f\w])(\w))", text)
        if before.isalpha() and after.isalpha() and sign not in _JOINING
    )
    return in_runs * 5 <= total and odd * 10 <= total and not _other_language(sample)


def _other_language(sample: bytes) -> str | None:
    """The encoding that charset-normalizer is clearly surer of than of cp1252, or None."""
    try:
        matches = list(from_bytes(sample))
    except Exception:  # a guess must never cause a crash
        return None
    ours = sample.decode("cp1252", "replace")
    if not matches or any(str(match) == ours for match in matches[:1]):
        return None
    sure = max((m.coherence for m in matches if str(m) == ours), default=0.0)
    return str(matches[0].encoding) if matches[0].coherence > sure + 0.25 else None


def _undecided(sample: bytes, line: int) -> InputError:
    guess = _other_language(sample)
    if guess is None:
        best = from_bytes(sample).best()
        guess = best.encoding if best else None
    hint = f"it may be {guess}" if guess else "it is neither UTF-8 nor cp1252"
    return InputError(
        f"the encoding cannot be decided: {hint}",
        f"name it, such as encoding: {guess or 'cp1250'}, or save the file as UTF-8",
        code="encoding",
        line=line,
    )
