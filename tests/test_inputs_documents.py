"""Documents from strangers: nothing outside them is read, and none stops the run."""

from __future__ import annotations

import io
import socket
import zipfile
from typing import TYPE_CHECKING, Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.inputs import pages, word
from pipeline.inputs.documents import load_file
from pipeline.inputs.files import InputFile
from pipeline.inputs.raw import Quarantined, RawDocument

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ZH = "护士长要认真检查护理质量，及时发现问题并督促整改。"
WML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCUMENT = "word/document.xml"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse and record every connection and look-up of a name."""
    calls: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        calls.append(arguments)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return calls


def load(folder: Path, name: str, data: bytes) -> RawDocument | Quarantined:
    (folder / name).write_bytes(data)
    return load_file(InputFile(str(folder / name), name, 0, len(data)))


def extracted(raw: RawDocument | Quarantined) -> str:
    assert isinstance(raw, RawDocument), raw
    return raw.extracted or ""


def reason(raw: RawDocument | Quarantined) -> str:
    assert isinstance(raw, Quarantined), raw
    assert "; " in raw.reason  # the next step
    return raw.reason


def word_bytes(build: Callable[[Any], object] = lambda document: document.add_paragraph(ZH)) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    build(document)
    document.save(stream)
    return stream.getvalue()


def with_parts(data: bytes, parts: dict[str, bytes]) -> bytes:
    """Return the .docx with some parts put in the place of its own, or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in ({name: old.read(name) for name in old.namelist()} | parts).items():
            new.writestr(name, content)
    return stream.getvalue()


def body(content: str, prolog: str = "") -> dict[str, bytes]:
    return {DOCUMENT: f'{prolog}<w:document xmlns:w="{WML}"><w:body>{content}</w:body></w:document>'.encode()}


# All kinds


def test_a_document_beyond_the_limit_is_quarantined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.inputs.documents.LARGEST_DOCUMENT", 1000)
    assert "split the document" in reason(load(tmp_path, "x.txt", b"x" * 1001))
    assert isinstance(load(tmp_path, "x.txt", b"x" * 1000), RawDocument)


def test_an_empty_document_is_quarantined(tmp_path: Path):
    assert "is empty" in reason(load(tmp_path, "x.html", b" \n"))


@pytest.mark.parametrize("fault", [RecursionError("too deep"), AttributeError("None has no text"), KeyError()])
@pytest.mark.parametrize("kind", [".html", ".docx"])
def test_any_failure_of_an_extractor_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, fault: Exception
):
    def fails(_: bytes) -> str:
        raise fault

    monkeypatch.setattr("pipeline.inputs.documents.page_text", fails)
    monkeypatch.setattr("pipeline.inputs.documents.word_text", fails)
    assert f"save it again as {kind}" in reason(load(tmp_path, f"x{kind}", b"x"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["x.html", "x.docx"]), st.binary(max_size=400), st.integers(0, 30_000))
def test_damage_never_raises(tmp_path: Path, name: str, damage: bytes, at: int):
    data = bytearray(word_bytes() if name == "x.docx" else f"<html><p>{ZH}</p><table><td>".encode())
    at %= len(data)
    data[at : at + len(damage)] = damage
    assert isinstance(load(tmp_path, name, bytes(data)), RawDocument | Quarantined)


# .docx


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(word, "LARGEST_WORD", 1 << 20)
    bomb = with_parts(word_bytes(), {"word/media/x.png": bytes(2 << 20)})
    assert "unpacks to more than 1 MB" in reason(load(tmp_path, "x.docx", bomb))


def test_a_zip_bomb_that_lies_about_its_size_is_not_unfolded(tmp_path: Path):
    content = body("<w:p/>" * 500_000)[DOCUMENT]
    bomb = bytearray(with_parts(word_bytes(), {DOCUMENT: content}))
    size = len(content).to_bytes(4, "little")
    assert bomb.count(size) == 2  # the local header and the directory
    assert "no readable .docx" in reason(load(tmp_path, "x.docx", bytes(bomb.replace(size, b"\x10\0\0\0"))))


def test_markup_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(word, "MOST_MARKUP", 5000)
    bomb = with_parts(word_bytes(), body("<w:p/>" * 6000))
    assert "tags and attributes" in reason(load(tmp_path, "x.docx", bomb))


def test_too_many_parts_and_strange_methods_are_refused(tmp_path: Path):
    many = with_parts(word_bytes(), {f"x{i}": b"" for i in range(5000)})
    assert "parts" in reason(load(tmp_path, "x.docx", many))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr(DOCUMENT, "x")
    assert "packed in a way" in reason(load(tmp_path, "x.docx", stream.getvalue()))


def test_laughs_are_not_expanded(tmp_path: Path):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    for content in (f"<w:p><w:r><w:t>{ZH}&l9;</w:t></w:r></w:p>", f'<w:p w:a="&l9;"><w:r><w:t>{ZH}</w:t></w:r></w:p>'):
        raw = load(tmp_path, "x.docx", with_parts(word_bytes(), body(content, prolog)))
        assert isinstance(raw, Quarantined) or extracted(raw) == ZH


@pytest.mark.parametrize("outside", ["file://{secret}", "http://127.0.0.1:9/x"])
def test_a_word_file_reads_nothing_outside_it(tmp_path: Path, offline: list[object], outside: str):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", encoding="utf-8")
    url = outside.format(secret=secret)
    prolog = f'<!DOCTYPE x SYSTEM "{url}" [<!ENTITY e SYSTEM "{url}"><!ENTITY % p SYSTEM "{url}"> %p;]>'
    content = f"<w:p><w:r><w:t>{ZH}&e;</w:t></w:r></w:p>"
    raw = load(tmp_path, "x.docx", with_parts(word_bytes(), body(content, prolog)))
    assert isinstance(raw, Quarantined) or extracted(raw) == ZH
    assert "geheim" not in str(raw)
    assert offline == []


def test_external_targets_are_not_fetched(tmp_path: Path, offline: list[object]):
    relations = "word/_rels/document.xml.rels"
    kinds = ("image", "attachedTemplate", "subDocument", "oleObject", "hyperlink")
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<Relationship Id="x{kind}" Type="{base}/{kind}" Target="{target}" TargetMode="External"/>'
        for kind in kinds
        for target in ("http://127.0.0.1:9/x", "file:///etc/passwd")
    )
    with zipfile.ZipFile(io.BytesIO(word_bytes())) as archive:
        own = archive.read(relations).decode()
    changed = {relations: own.replace("</Relationships>", rows + "</Relationships>").encode()}
    assert extracted(load(tmp_path, "x.docx", with_parts(word_bytes(), changed))) == ZH
    assert offline == []


def test_an_internal_target_cannot_leave_the_archive(tmp_path: Path):
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="../../../../etc/passwd"/></Relationships>'
    )
    bad = with_parts(word_bytes(), {"_rels/.rels": relations.encode()})
    assert "no readable .docx" in reason(load(tmp_path, "x.docx", bad))


def test_deep_nesting_is_refused(tmp_path: Path):
    deep = with_parts(word_bytes(), body("<w:tbl><w:tr><w:tc>" * 20_000))
    assert "no readable .docx" in reason(load(tmp_path, "x.docx", deep))


def test_spans_are_not_walked(tmp_path: Path):
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>计划</w:t></w:r></w:p></w:tc>'
    wide = with_parts(word_bytes(), body(f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"))
    assert extracted(load(tmp_path, "x.docx", wide)) == "计划\t计划"


def test_cells_merged_over_rows_stand_in_each(tmp_path: Path):
    def build(document: Any) -> None:
        table = document.add_table(4, 3)
        for at, cell in enumerate(table._cells):
            cell.text = str(at)
        table.cell(0, 1).merge(table.cell(2, 2))
        table.cell(2, 0).merge(table.cell(3, 0))

    text = extracted(load(tmp_path, "x.docx", word_bytes(build)))
    assert text == "0\t1 2 4 5 7 8\n3\t1 2 4 5 7 8\n6 9\t1 2 4 5 7 8\n6 9\t10\t11"


def test_text_that_merged_cells_multiply_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(word, "LARGEST_WORD", 100_000)
    first = f'<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>{ZH * 40}</w:t></w:r></w:p></w:tc></w:tr>'
    more = "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr>"
    many = with_parts(word_bytes(), body(f"<w:tbl>{first}{more * 200}</w:tbl>"))
    few = with_parts(word_bytes(), body(f"<w:tbl>{first}{more * 3}</w:tbl>"))
    monkeypatch.setattr(word, "_stored", io.BytesIO)  # the archive itself is small enough
    assert "million characters" in reason(load(tmp_path, "x.docx", many))
    assert extracted(load(tmp_path, "x.docx", few)) == "\n".join([ZH * 40] * 4)


# HTML


def page(content: str) -> bytes:
    return f"<html><body><article>{content}{f'<p>{ZH}</p>' * 5}</article></body></html>".encode()


def test_a_page_runs_and_fetches_nothing(tmp_path: Path, offline: list[object]):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", encoding="utf-8")
    url = "http://127.0.0.1:9/x"
    hostile = (
        f'<!DOCTYPE html SYSTEM "file://{secret}" [<!ENTITY e SYSTEM "file://{secret}">]><base href="{url}">'
        f'<meta http-equiv="refresh" content="0;url={url}"><link rel="canonical" href="{url}"><script src="{url}">boom()</script>'
        f'<iframe src="{url}">frame</iframe><img src="{url}" onerror="boom()"><object data="{url}"></object>&e;'
    )
    text = extracted(load(tmp_path, "x.html", hostile.encode() + page("")))
    assert ZH in text
    assert not any(word in text for word in ("geheim", "boom"))
    assert offline == []


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 100_000,
        "<div>" * 100_000 + ZH + "</div>" * 100_000,
        "<script>" * 30_000,
        "<script>x</script>" * 30_000,
        "<iframe src='http://127.0.0.1:9/'></iframe>" * 20_000,
        "<!--" * 100_000,
        "<table><tr><td>" * 50_000,
        "<a href='" * 50_000,
        "<" * 500_000,
    ],
    ids=["open", "nested", "script", "scripts", "iframes", "comments", "tables", "quotes", "brackets"],
)
def test_pathological_pages_end(tmp_path: Path, content: str):
    raw = load(tmp_path, "x.html", page(content))
    assert isinstance(raw, RawDocument | Quarantined)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<div " + " ".join(f"a{i}=x" for i in range(2000)) + ">", "attributes"),
        ("<div " + " ".join(f"a{i}='>'" for i in range(2000)) + ">", "attributes"),
        ("<table><tr>" + "<td>计</td>" * 3000, "cells"),
    ],
)
def test_what_takes_quadratic_time_is_refused(tmp_path: Path, content: str, what: str):
    assert what in reason(load(tmp_path, "x.html", page(content)))


def test_markup_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "MOST_MARKUP", 1000)
    assert "more than 1,000 tags" in reason(load(tmp_path, "x.html", page("<p>计</p>" * 2000)))


@pytest.mark.parametrize("codec", ["punycode", "unicode_escape", "idna", "rot13", "base64", "undefined"])
def test_a_page_cannot_choose_a_codec_that_is_no_encoding(tmp_path: Path, codec: str):
    text = extracted(load(tmp_path, "x.html", f'<meta charset="{codec}">'.encode() + page("")))
    assert ZH in text
