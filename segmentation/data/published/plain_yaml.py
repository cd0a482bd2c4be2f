"""YAML files of names and values only, as people write them."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken, TagToken

NOT_PLAIN = "tags, anchors, aliases and merges are not used here"
WRITE_OUT = "write the value out"
BRACKETS = re.compile(r"(?:[\[{]\s*){100}")


def find_trick(text: str) -> Any | None:
    """The mark of the first tag, anchor, alias or merge in a YAML text; None if it has none.

    A few bytes of merges unfold to any number of values. Raises `RecursionError` for brackets in
    brackets beyond any use, on which the scanner would spend quadratic time.
    """
    if BRACKETS.search(text):
        raise RecursionError("too deep")
    for token in YAML(typ="rt", pure=True).scan(text):
        merge = isinstance(token, ScalarToken) and token.plain and token.value == "<<"
        if merge or isinstance(token, TagToken | AnchorToken | AliasToken):
            return token.start_mark
    return None
