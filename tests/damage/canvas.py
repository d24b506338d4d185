"""Wounds on a clean text, and the damaged text with its truth that comes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WOUNDED, KEPT = b"\1", b"\2"


class Wound(NamedTuple):
    """``original[start:end]`` is to become ``damaged``; an insertion has ``start == end``."""

    start: int
    end: int
    damaged: str
    kind: str
    cause: str


class Injury(NamedTuple):
    """``damaged`` stands at ``offset`` (code points) of the damaged text where ``right`` stood.

    ``kind`` is one of :data:`pipeline.model.edit.KINDS`; ``cause`` is finer: a field of :class:`DamagePlan`
    or, for single-character forms of a wholly traditional text, ``traditional``.
    """

    kind: str
    offset: int
    damaged: str
    right: str
    cause: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """What :func:`tests.damage.damage` returns. ``injuries`` stand in the order of the text."""

    text: str
    data: bytes
    original: str
    encoding: str
    injuries: tuple[Injury, ...]


class Canvas:
    """Collects wounds and refuses those that would make the truth ambiguous."""

    def __init__(self, text: str, untouchable: Iterable[tuple[int, int]], uncut: Iterable[tuple[int, int]]) -> None:
        self.text = text
        self.wounds: list[Wound] = []
        self._taken = bytearray(len(text))
        self._points: set[int] = set()  # places of insertions
        self._closed: set[int] = set()  # places where nothing may be inserted
        for start, end in untouchable:
            self._taken[start:end] = KEPT * (end - start)
            self._closed.update(range(start + 1, end))
        for start, end in uncut:
            self._closed.update(range(start + 1, end))

    def insert(self, at: int, new: str, kind: str, cause: str) -> bool:
        """Insert ``new`` before ``text[at]``; False where there is an insertion or a closed span."""
        if at in self._points or at in self._closed:
            return False
        self._points.add(at)
        self.wounds.append(Wound(at, at, new, kind, cause))
        return True

    def replace(self, start: int, end: int, new: str, kind: str, cause: str) -> bool:
        """Replace ``text[start:end]`` by ``new``; False where it touches another wound."""
        if any(self._taken[start:end]) or any(at in self._points for at in range(start + 1, end)):
            return False
        self._taken[start:end] = WOUNDED * (end - start)
        self._closed.update(range(start + 1, end))
        self.wounds.append(Wound(start, end, new, kind, cause))
        return True

    def join(self, newline: int, new: str, kind: str, cause: str) -> bool:
        """Replace the line break at ``newline``; nothing may be inserted on either side of it afterwards.

        Otherwise a mark at the line's end would end up inside the merged line, where no site puts one.
        """
        if newline in self._points or newline + 1 in self._points:
            return False
        if not self.replace(newline, newline + 1, new, kind, cause):
            return False
        self._closed.update((newline, newline + 1))
        return True

    def convert(self, at: int, new: str, kind: str, cause: str) -> None:
        """Replace ``text[at]`` unless it is wounded: for changes of the whole text, names included."""
        if self._taken[at : at + 1] != WOUNDED:
            self._taken[at : at + 1] = WOUNDED
            self.wounds.append(Wound(at, at + 1, new, kind, cause))

    def wounded(self, at: int) -> bool:
        """Whether ``text[at]`` belongs to a wound."""
        return self._taken[at : at + 1] == WOUNDED

    def rewrite(self, change: Callable[[str], str | None]) -> None:
        """Pass the damaged side of every wound through ``change``; None drops the wound."""
        kept = []
        for wound in self.wounds:
            damaged = change(wound.damaged)
            if damaged is not None:
                kept.append(wound._replace(damaged=damaged))
                continue
            self._taken[wound.start : wound.end] = bytes(wound.end - wound.start)
        self.wounds = kept


def render(canvas: Canvas, encoding: str, *, crlf: bool) -> Damaged:
    """Return the damaged text, its bytes and the truth; the only place where offsets are counted."""
    pieces: list[str] = []
    injuries: list[Injury] = []
    length = position = 0
    for wound in [*sorted(canvas.wounds, key=lambda w: w[:2]), None]:
        upto = wound.start if wound else len(canvas.text)
        for piece, injury in _plain(canvas.text[position:upto], crlf=crlf):
            if injury:
                injuries.append(injury._replace(offset=length))
            pieces.append(piece)
            length += len(piece)
        if wound:
            new = wound.damaged.replace("\n", "\r\n") if crlf else wound.damaged
            injuries.append(Injury(wound.kind, length, new, canvas.text[wound.start : wound.end], wound.cause))
            pieces.append(new)
            length += len(new)
            position = wound.end
    text = "".join(pieces)
    data = text.encode(encoding, "surrogateescape")
    if data.decode(encoding, "surrogateescape") != text:
        raise ValueError(f"the damaged text does not survive {encoding}: leave out what {encoding} cannot hold")
    return Damaged(text, data, canvas.text, encoding, tuple(injuries))


def _plain(chunk: str, *, crlf: bool) -> Iterator[tuple[str, Injury | None]]:
    """Split what lies between wounds at its line breaks, each of which CRLF gives one ``\\r``."""
    if not crlf or "\n" not in chunk:
        yield chunk, None
        return
    first, *others = chunk.split("\n")
    yield first, None
    for line in others:
        yield "\r", Injury("linebreak", 0, "\r", "", "crlf")
        yield "\n" + line, None


def undo(text: str, injuries: Iterable[Injury]) -> str:
    """Return the original; raises ValueError when ``injuries`` do not fit ``text``."""
    pieces: list[str] = []
    position = 0
    for injury in injuries:
        end = injury.offset + len(injury.damaged)
        if injury.offset < position or text[injury.offset : end] != injury.damaged:
            raise ValueError(f"{injury} does not fit: the text holds {text[injury.offset : end]!r} there")
        pieces += (text[position : injury.offset], injury.right)
        position = end
    return "".join([*pieces, text[position:]])
