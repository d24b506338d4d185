"""A stream made of another, piece by piece."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Pieces(io.RawIOBase, ABC):
    """A readable stream of what ``next_piece`` makes of an underlying one; closing it closes both."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self._ready = memoryview(b"")

    @abstractmethod
    def next_piece(self) -> bytes | None:
        """Return the next bytes, which may be none yet; None at the end."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill ``buffer`` from the next piece and return how many bytes it got, 0 at the end."""
        while not self._ready and (piece := self.next_piece()) is not None:
            self._ready = memoryview(piece)
        taken = self._ready[: memoryview(buffer).nbytes]
        memoryview(buffer)[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def close(self) -> None:
        """Close this stream and the underlying one."""
        self.stream.close()
        super().close()
