"""Training text for a language model of one's own: plain text as the tokens that the model will see."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from pipeline.errors import UsageError
from pipeline.lm.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1 << 18  # bytes read at a time, and on to the end of the line
BYTE_ORDER_MARK = "\ufeff"


def training_lines(source: BinaryIO, name: str) -> Iterator[str]:
    """Yield each sentence of ``source`` (UTF-8) as its tokens with a space between; those without tokens are left out.

    Lines end at LF, and a sentence never goes on in the next line: no more than a block and the line in which it ends
    is held at a time. Raises :class:`UsageError` at the first byte that is not UTF-8; ``name`` says in it which file.
    """
    offset, line = 0, 1
    while lines := source.readlines(BLOCK):
        block = b"".join(lines)
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as error:
            at, line = error.start, line + block.count(b"\n", 0, error.start)
            raise _not_utf8(name, offset + at, line, block[at]) from error
        for sentence in tokenise(text if offset else text.removeprefix(BYTE_ORDER_MARK)).sentences():
            yield " ".join(sentence)
        offset, line = offset + len(block), line + len(lines)


def _not_utf8(name: str, offset: int, line: int, value: int) -> UsageError:
    return UsageError(
        f"{name} is not UTF-8: byte 0x{value:02X} at offset {offset}, in line {line}. Convert it first, for example "
        "with iconv -f GB18030 -t UTF-8, and give the result."
    )
