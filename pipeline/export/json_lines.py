"""JSON as one line of UTF-8. Bad bytes of a source (U+DC80–U+DCFF) are written as the escapes that JSON reads back."""

from __future__ import annotations

import json
from typing import Any

import orjson


def to_line(value: object) -> bytes:
    """Return ``value`` as one line, with its line break. Tuples become lists; named tuples are refused (TypeError)."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # orjson writes whole characters only
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace") + b"\n"


def from_line(line: bytes) -> Any:
    """Return the value of one line; raises :class:`ValueError` when it is no JSON."""
    try:
        return orjson.loads(line)
    except ValueError:
        return json.loads(line)
