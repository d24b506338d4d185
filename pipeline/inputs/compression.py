"""Files packed with gzip or Zstandard as bounded streams: a bomb, a cut or a broken archive is an InputError."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import zstandard

from pipeline.errors import InputError
from pipeline.inputs.files import open_file
from pipeline.inputs.streams import Pieces

if TYPE_CHECKING:
    from pipeline.inputs.files import InputFile

PIECE = 1 << 10  # bytes unpacked at once: Zstandard makes at most 32 MB of them, gzip 1 MB
LARGEST_STREAM = 1 << 40  # bytes that a file may unpack to: more than one should hold, less than fills a disk
UNJUDGED = 64 << 20  # bytes that may come out of any few: memory and time for these are always there
LARGEST_RATIO = 1000  # text packs 3 to 20 times, equal lines some hundred times; gzip's utmost is 1032


class _Decoder(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def open_unpacked(file: InputFile) -> BinaryIO:
    """Return the content of a file as a buffered stream, unpacked where its name ends in .gz or .zst.

    Reading raises :class:`InputError` for a broken or cut archive and for one that unpacks to too much.
    """
    stream = open_file(file.place)
    return unpacked(stream, file.format.packing) if file.format.packing else stream


def unpacked(stream: BinaryIO, packing: str) -> BinaryIO:
    """Return what a stream packed as ``.gz`` or ``.zst`` holds, all its members in a row."""
    return cast("BinaryIO", io.BufferedReader(_Unpacked(stream, packing), 1 << 16))


class _Unpacked(Pieces):
    def __init__(self, stream: BinaryIO, packing: str) -> None:
        super().__init__(stream)
        self._packing = packing
        self._decoder: _Decoder | None = None
        self._left = b""  # what followed the end of a member
        self._taken = self._given = 0

    def next_piece(self) -> bytes | None:
        packed = self._left or self._read()
        self._left = b""
        if self._decoder is None:
            if not packed:
                return None
            packed = packed.lstrip(b"\0")  # members may be padded
            if not packed:
                return b""
            self._decoder = _decoder(self._packing)
        elif not packed:
            raise InputError("is a packed file that was cut short; fetch it again")
        try:
            piece = self._decoder.decompress(packed)
        except (zlib.error, zstandard.ZstdError) as error:
            raise InputError(f"is no readable {self._packing} file ({error}); pack it again") from error
        if self._decoder.eof:
            self._left, self._decoder = self._decoder.unused_data, None
        self._given += len(piece)
        self._check()
        return piece

    def _read(self) -> bytes:
        packed = self.stream.read(PIECE)
        self._taken += len(packed)
        return packed

    def _check(self) -> None:
        if self._given > LARGEST_STREAM:
            raise InputError(f"unpacks to more than {LARGEST_STREAM >> 30} GB; split it")
        if self._given > UNJUDGED and self._given > LARGEST_RATIO * self._taken:
            raise InputError(f"unpacks to more than {LARGEST_RATIO} times its size; give it unpacked if it is no bomb")


def _decoder(packing: str) -> _Decoder:
    return zlib.decompressobj(16 + zlib.MAX_WBITS) if packing == ".gz" else zstandard.ZstdDecompressor().decompressobj()
