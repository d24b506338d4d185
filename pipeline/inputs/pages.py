"""The main content of an HTML page."""

from __future__ import annotations

import re
from contextlib import suppress

from pipeline.errors import InputError
from pipeline.inputs.text import text_of


def page_text(data: bytes) -> str:
    """Return the text of the article on a page; raises :class:`InputError` where none can be extracted."""
    import trafilatura  # noqa: PLC0415 - only for this format, 0.5 s to import

    page = _decoded(data)
    text = trafilatura.extract(page, output_format="txt", include_comments=False, favor_recall=True)
    text = text or trafilatura.html2txt(page)
    if not text or not text.strip():
        raise InputError("holds no text that could be extracted; save the article as .txt")
    return str(text)


def _decoded(data: bytes) -> str:
    hint = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{3,20})", data[:4096], re.IGNORECASE)
    page = text_of(data)
    if hint and b"\x00" not in data:
        with suppress(LookupError, UnicodeDecodeError):
            page = data.decode(re.sub("gbk|gb2312", "gb18030", hint[1].decode("ascii").lower()))
    return page
