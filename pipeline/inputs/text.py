"""Bytes as text where the bytes themselves are not kept: tables and pages."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from pipeline.inputs.streams import Pieces
from pipeline.stages.decode import decode

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


class _Recoded(Pieces):
    """A stream in any encoding as UTF-8; what its own decoder refuses is passed on byte by byte."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._started = self._ended = False

    def next_piece(self) -> bytes | None:
        if self._ended:
            return None
        block = self.stream.read(BLOCK)
        self._ended = not block
        plain = block.isascii() and b"\0" not in block
        if self._decoder is None and block and not (plain and self._started):
            block = self._begin(block, plain=plain)
        if self._decoder is None:
            return block
        return self._decoder.decode(block, final=self._ended).encode("utf-8", "surrogateescape")

    def _begin(self, block: bytes, *, plain: bool) -> bytes:
        """Choose the decoder, unless the block is plain ASCII, and return the block without a byte-order mark."""
        self._started = True
        whole = block if len(block) < BLOCK else block.rstrip(HIGH) or block  # no character cut in two
        evidence = decode(whole)[1]
        if not (plain and evidence.encoding == "utf-8"):
            errors = "replace" if evidence.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
            self._decoder = codecs.getincrementaldecoder(evidence.encoding)(errors)
        return block[len(evidence.bom) // 2 :]
