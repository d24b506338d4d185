"""Text of documents made fit to be shown: what cannot be seen gets a sign, what cannot be written an escape."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from markupsafe import Markup

from pipeline.export.schema import show_bytes

_CONTROLS = {code: f"[U+{code:04X}]" for code in (*range(32), 127) if chr(code) not in "\n\t"} | {13: "[CR]"}
_CHANGED = _CONTROLS | {ord("\n"): "⏎\n", ord("\t"): "[TAB]"}
_STRANGE = re.compile("[^\n\t -~\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def visible(text: str, *, changed: bool = False) -> str:
    r"""Return ``text`` with signs for what has no shape: control and invisible characters as ``[U+200B]``.

    Bad bytes are shown as ``\xNN``. In ``changed`` text line ends (⏎) and tabs are shown as well.
    """
    shown = show_bytes(text).translate(_CHANGED if changed else _CONTROLS)
    return _STRANGE.sub(_named, shown)


def _named(match: re.Match[str]) -> str:
    character = match[0]
    # Cf: marks of direction, zero-width characters; Cs: half a character; Co: a shape that only its author's font has.
    if unicodedata.category(character) in {"Cf", "Cs", "Co", "Cn"} or character in "\u2028\u2029\u0085":
        return f"[U+{ord(character):04X}]"
    return character


def data_block(value: Any) -> Markup:
    """Return ``value`` as JSON that may stand in a ``<script type="application/json">``: no ``<``, ``>`` or ``&``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 - nothing in it can end the element
