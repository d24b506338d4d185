"""What reading gives: the bytes of a document, or the reason why there are none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple


class Quarantined(NamedTuple):
    """An input that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawDocument:
    """The bytes of one document; ``extracted`` is its text where a format needs extraction."""

    doc_id: str
    source: str
    data: bytes
    sha256: str
    extracted: str | None = None
    how: str = ""

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> RawDocument:
        """Return the raw document of bytes that come from no file."""
        return cls(name, name, data, hashlib.sha256(data).hexdigest())
