"""The only reader of the taxonomy of goals and of the words that tell goals from other text. All faults at once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import LexiconError

HERE = Path(__file__).parent
TYPE_FIELDS = ("id", "name", "cues", "weak")


class GoalType(NamedTuple):
    """A kind of goal: ``cues`` speak for it, ``weak`` cues only where no other type has a cue."""

    id: str
    name: str
    cues: tuple[str, ...]
    weak: tuple[str, ...] = ()


class Taxonomy(NamedTuple):
    """The types of goals of one profession, in the order of the file, by which ties are broken."""

    types: tuple[GoalType, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(one.id for one in self.types)


class GoalWords(NamedTuple):
    """The word lists of ``goal_words.toml``, each described there."""

    planned: tuple[str, ...]
    manner: tuple[str, ...]
    achieved: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    actions: tuple[str, ...]
    nominal: tuple[str, ...]
    coverbs: tuple[str, ...]
    grounds: tuple[str, ...]
    statements: tuple[str, ...]
    neutral: tuple[str, ...]
    enumerated: tuple[str, ...]
    measured: tuple[str, ...]


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as TOML: {error}"]) from error


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts, None for what is no list of non-empty texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        return None
    return tuple(one.strip() for one in value)


@cache
def load_goal_words(path: Path = HERE / "goal_words.toml") -> GoalWords:
    """Return the word lists; raises :class:`LexiconError` with every fault."""
    data = _read_toml(path)
    known = GoalWords._fields
    faults = [f"unknown field {key!r}; known: {', '.join(known)}" for key in data if key not in known]
    lists = {name: _texts(data.get(name)) for name in known}
    faults += [f"{name} must be a list of words" for name, words in lists.items() if not words]
    if faults:
        raise LexiconError(path.name, faults)
    return GoalWords(**{name: words or () for name, words in lists.items()})


@cache
def load_taxonomy(path: Path = HERE / "goal_types.toml") -> Taxonomy:
    """Return the types of goals of a TOML file: an array ``type`` of tables with ``id``, ``name``, ``cues``, ``weak``.

    ``weak`` may be left out. A cue may stand under several types. Raises :class:`LexiconError` with every fault: an
    unknown field, an id or a name that is missing or stands twice, no cues, a cue that is empty or stands twice.
    """
    data = _read_toml(path)
    faults = [f"unknown field {key!r}; known: type" for key in data if key != "type"]
    rows = data.get("type")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise LexiconError(path.name, [*faults, "holds no [[type]] table; each type of goal is one"])
    types: list[GoalType] = []
    for number, row in enumerate(rows, 1):
        types.append(_goal_type(f"type {number}", row, {one.id for one in types}, {t.name for t in types}, faults))
    if faults:
        raise LexiconError(path.name, faults)
    return Taxonomy(tuple(types))


def _goal_type(where: str, row: dict[str, Any], ids: set[str], names: set[str], faults: list[str]) -> GoalType:
    faults += [
        f"{where}: unknown field {key!r}; known: {', '.join(TYPE_FIELDS)}" for key in row if key not in TYPE_FIELDS
    ]
    given = {}
    for field, taken in (("id", ids), ("name", names)):
        value = row.get(field)
        given[field] = value.strip() if isinstance(value, str) else ""
        if not given[field] or ";" in given[field]:
            faults.append(f"{where}: {field} must be a text without ;")  # tables join ids by it
        elif given[field] in taken:
            faults.append(f"{where}: the {field} {given[field]!r} stands already above; give each type its own")
    cues, weak = _texts(row.get("cues")), _texts(row.get("weak", []))
    if not cues:
        faults.append(f"{where}: cues must be a list of at least one word")
    if weak is None:
        faults.append(f"{where}: weak must be a list of words")
    both = (*(cues or ()), *(weak or ()))
    twice = sorted({cue for cue in both if both.count(cue) > 1})
    faults += [f"{where}: the cue {cue!r} stands twice" for cue in twice]
    return GoalType(given["id"], given["name"], cues or (), weak or ())
