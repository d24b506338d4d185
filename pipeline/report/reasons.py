"""The reasons of edits and the faults of plans in Chinese; log and tables hold them in English.

The only reader of ``reasons.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pipeline.errors import LexiconError

REASONS = Path(__file__).parent / "reasons.toml"
OVER = re.compile(r"^over (?=[\d,]+$)")


def in_chinese(why: str) -> str:
    """Return a reason or fault in Chinese; one of a form that no entry knows comes back as it is."""
    for pattern, chinese in load_reasons():
        if found := pattern.fullmatch(why):
            return chinese.format(**{name: OVER.sub("超过 ", value) for name, value in found.groupdict().items()})
    return why


@cache
def load_reasons(path: Path = REASONS) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return (form of a reason, how it is said in Chinese); raises :class:`LexiconError` with every fault."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("reason", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as TOML: {error}"]) from error
    faults, entries = [], []
    for number, row in enumerate(rows, 1):
        try:
            pattern = re.compile(row["english"])
            row["chinese"].format(**dict.fromkeys(pattern.groupindex, ""))
            entries.append((pattern, row["chinese"]))
        except (re.error, KeyError, IndexError, AttributeError, TypeError) as error:
            faults.append(
                f"reason {number}: {error!r}; an entry has english (a pattern) and chinese, which names its groups"
            )
    if faults:
        raise LexiconError(path.name, faults)
    return tuple(entries)
