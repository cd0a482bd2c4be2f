"""YAML files of names and values only, as people write them."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken, TagToken

NOT_PLAIN = "tags, anchors, aliases and merges are not used here"
WRITE_OUT = "write the value out"


def find_trick(text: str) -> Any | None:
    """The mark of the first tag, anchor, alias or merge in a YAML text; None if it has none.

    A few bytes of merges unfold to any number of values.
    """
    for token in YAML(typ="rt", pure=True).scan(text):
        merge = isinstance(token, ScalarToken) and token.plain and token.value == "<<"
        if merge or isinstance(token, TagToken | AnchorToken | AliasToken):
            return token.start_mark
    return None
