"""Bytes as text where the bytes themselves are not kept: tables and pages."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO

from pipeline.stages.decode import decode

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 1 << 20  # bytes: an encoding shows itself in far fewer
HIGH = bytes(range(0x80, 0x100))


def text_of(data: bytes) -> str:
    """Return the text of ``data``, a bad byte as U+FFFD; raises :class:`InputError` when it is none."""
    return decode(data)[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def text_stream(stream: BinaryIO) -> io.TextIOWrapper:
    """Return the text of a stream in bounded memory, newlines as they are: what ``text_of`` gives for its bytes.

    The encoding is told by the first block, or by the first one that is not plain ASCII. Reading raises
    :class:`InputError` when the bytes are no text.
    """
    return io.TextIOWrapper(io.BufferedReader(_Recoded(stream), BLOCK), "utf-8", "replace", newline="")


class _Recoded(io.RawIOBase):
    """A stream in any encoding as UTF-8; what its own decoder refuses is passed on byte by byte."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder: codecs.IncrementalDecoder | None = None
        self._started = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        ended = False
        while not self._ready and not ended:
            block = self._stream.read(BLOCK)
            ended = not block
            self._ready = memoryview(self._recoded(block))
        taken = self._ready[: memoryview(buffer).nbytes]
        memoryview(buffer)[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _recoded(self, block: bytes) -> bytes:
        plain = block.isascii() and b"\0" not in block
        if self._decoder is None and block and not (plain and self._started):
            whole = block if len(block) < BLOCK else block.rstrip(HIGH) or block  # no character cut in two
            evidence = decode(whole)[1]
            block = block[len(evidence.bom) // 2 :]
            if not (plain and evidence.encoding == "utf-8"):
                errors = "replace" if evidence.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
                self._decoder = codecs.getincrementaldecoder(evidence.encoding)(errors)
            self._started = True
        if self._decoder is None:
            return block
        return self._decoder.decode(block, final=not block).encode("utf-8", "surrogateescape")
