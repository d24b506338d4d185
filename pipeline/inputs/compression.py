"""Files packed with gzip or Zstandard as bounded streams: a bomb, a cut or a broken archive is an InputError."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import zstandard

from pipeline.errors import InputError
from pipeline.inputs.files import open_file

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

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


class _Unpacked(io.RawIOBase):
    def __init__(self, stream: BinaryIO, packing: str) -> None:
        self._stream = stream
        self._packing = packing
        self._decoder: _Decoder | None = None
        self._packed = b""
        self._ready = memoryview(b"")
        self._taken = self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready and self._more():
            pass
        taken = self._ready[: memoryview(buffer).nbytes]
        memoryview(buffer)[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _more(self) -> bool:
        """Unpack the next piece; return whether there was one."""
        piece = self._packed or self._stream.read(PIECE)
        self._taken += 0 if self._packed else len(piece)
        self._packed = b""
        if not piece:
            if self._decoder is not None:
                raise InputError("is a packed file that was cut short; fetch it again")
            return False
        if self._decoder is None:
            piece = piece.lstrip(b"\0")  # members may be padded
            self._decoder = _decoder(self._packing) if piece else None
        if self._decoder is not None:
            try:
                self._ready = memoryview(self._decoder.decompress(piece))
            except (zlib.error, zstandard.ZstdError) as error:
                raise InputError(f"is no readable {self._packing} file ({error}); pack it again") from error
            self._given += len(self._ready)
            if self._decoder.eof:
                self._packed, self._decoder = self._decoder.unused_data, None
        self._check()
        return True

    def _check(self) -> None:
        if self._given > LARGEST_STREAM:
            raise InputError(f"unpacks to more than {LARGEST_STREAM >> 30} GB; split it")
        if self._given > UNJUDGED and self._given > LARGEST_RATIO * self._taken:
            raise InputError(f"unpacks to more than {LARGEST_RATIO} times its size; give it unpacked if it is no bomb")


def _decoder(packing: str) -> _Decoder:
    return zlib.decompressobj(16 + zlib.MAX_WBITS) if packing == ".gz" else zstandard.ZstdDecompressor().decompressobj()
