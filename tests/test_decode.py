"""The ladder of encodings, its evidence, and the way back to the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.stages.decode import decode, encode

PLAIN = "为进一步提高护理质量，全面落实整体护理，特制定本年度工作计划如下。"
TRADITIONAL = "為進一步提高護理質量，全面落實整體護理，特制定本年度工作計劃如下。"


@pytest.mark.parametrize(
    ("text", "codec", "want"),
    [
        (PLAIN, "utf-8", "utf-8"),
        (PLAIN, "utf-8-sig", "utf-8"),
        (PLAIN, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (PLAIN, "utf-16", "utf-16-le"),
        (PLAIN, "utf-16-le", "utf-16-le"),
        (PLAIN, "utf-16-be", "utf-16-be"),
        ("Work plan for 2024", "ascii", "utf-8"),
        ("一些", "gbk", "gb18030"),
    ],
)
def test_the_right_encoding_is_found(text: str, codec: str, want: str):
    data = text.encode(codec)
    got, evidence = decode(data)
    assert (got, evidence.encoding) == (text, want)
    assert evidence.how
    assert encode(got, evidence) == data


@pytest.mark.parametrize("at", [0, 20, 40, 66])
@pytest.mark.parametrize("stray", [b"\xff", b"\x80"])
def test_a_gbk_file_with_a_stray_byte_is_gbk(at: int, stray: bytes):
    data = PLAIN.encode("gb18030")
    text, evidence = decode(data[:at] + stray + data[at:])
    assert (evidence.encoding, evidence.bad_bytes) == ("gb18030", 1)
    assert encode(text, evidence) == data[:at] + stray + data[at:]


def test_mixed_encodings_stay_utf8_and_recoverable():
    data = PLAIN.encode() + b"\n" + PLAIN.encode("gb18030") + b"\n" + PLAIN.encode()
    text, evidence = decode(data)
    assert evidence.encoding == "utf-8"
    assert evidence.bad_bytes > 0
    assert encode(text, evidence) == data


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(range(64)), b"%PDF-1.7 text", b"PK\x03\x04....", bytes(range(32)) * 20]
)
def test_what_is_no_text_is_refused(data: bytes):
    with pytest.raises(InputError, match=r"not text.*\.docx"):
        decode(data)


@given(st.binary(max_size=80), st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x84\x31\x95\x33"]))
def test_encode_is_the_inverse_of_decode(data: bytes, mark: bytes):
    try:
        text, evidence = decode(mark + data)
    except InputError:
        return
    assert encode(text, evidence) == mark + data
    assert not any("\ud800" <= char < "\udc80" for char in text)
