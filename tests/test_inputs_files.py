"""What is listed, near and far, and how it is opened."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import docx
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.errors import InputError, UsageError
from pipeline.inputs.documents import load_file
from pipeline.inputs.files import InputFile, format_of, list_files, open_file, reading
from pipeline.inputs.raw import RawDocument
from pipeline.inputs.tables import read_rows
from pipeline.stages.read import read

TEXT = "护士长工作计划\n一、加强学习。"


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    for path, data in {
        "/store/b/x.jsonl": b'{"text": "a"}\n',
        "/store/a.txt": TEXT.encode(),
        "/store/.hidden/y.txt": b"x",
        "/store/b/.z.txt": b"x",
        "/store/c.pdf": b"%PDF",
    }.items():
        system.pipe(path, data)
    yield system
    system.rm("/store", recursive=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/x.jsonl.gz", ("x", ".jsonl", ".gz")),
        ("计划.TXT.ZST", ("计划", ".txt", ".zst")),
        ("x.parquet.gz", ("x.parquet", ".gz", "")),
        ("x.docx.gz", ("x.docx", ".gz", "")),
        ("v1.2.md", ("v1.2", ".md", "")),
        ("计划", ("计划", "", "")),
    ],
)
def test_the_name_says_the_format(name: str, expected: tuple[str, str, str]):
    assert format_of(name) == expected


def test_a_folder_is_listed_in_order_without_what_is_hidden_or_excluded(tmp_path: Path):
    for name in ("b/x.csv.gz", "a.txt", ".hidden/y.txt", "out/z.txt", "b/w.bin", "b/.z.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"123")
    files, quarantined = list_files([tmp_path / "a.txt", str(tmp_path)], tmp_path / "out")
    assert [(file.source, file.position, file.size) for file in files] == [
        ("a.txt", 0, 3),
        ("a.txt", 1, 3),
        ("b/x.csv.gz", 1, 3),
    ]
    assert [q.source for q in quarantined] == ["b/w.bin"]
    assert "convert it to one of .csv" in quarantined[0].reason


@pytest.mark.usefixtures("memory")
def test_a_remote_folder_is_listed_like_a_local_one():
    files, quarantined = list_files(["memory://store"])
    assert [(file.source, file.place, file.size) for file in files] == [
        ("a.txt", "memory://store/a.txt", len(TEXT.encode())),
        ("b/x.jsonl", "memory://store/b/x.jsonl", 14),
    ]
    assert [q.source for q in quarantined] == ["c.pdf"]
    raw = load_file(files[0])
    assert isinstance(raw, RawDocument)
    assert (raw.doc_id, raw.data.decode()) == ("a", TEXT)
    assert [row.text for row in read_rows(files[1])] == ["a"]


@pytest.mark.usefixtures("memory")
def test_a_single_remote_file():
    (file,) = list_files(["memory://store/b/x.jsonl"]).files
    assert (file.source, file.place) == ("x.jsonl", "memory://store/b/x.jsonl")


def test_every_format_can_be_read_behind_a_url(memory: fsspec.AbstractFileSystem):
    line = json.dumps({"text": TEXT}).encode()
    document, word, table = docx.Document(), io.BytesIO(), io.BytesIO()
    document.add_paragraph(TEXT)
    document.save(word)
    pq.write_table(pa.table({"text": [TEXT]}), table)
    contents = {
        "a.txt": TEXT.encode(),
        "b.md.zst": zstandard.compress(TEXT.encode()),
        "c.html": f"<html><body>{f'<p>{TEXT}</p>' * 5}</body></html>".encode(),
        "d.docx": word.getvalue(),
        "e.jsonl": line,
        "f.jsonl.gz": gzip.compress(line),
        "g.csv": f'text\n"{TEXT}"\n'.encode("gb18030"),
        "h.parquet": table.getvalue(),
    }
    for name, content in contents.items():
        memory.pipe(f"/store/all/{name}", content)
    raws = list(read(["memory://store/all"]))
    assert [raw.source.partition("#")[0] for raw in raws] == list(contents)
    assert all(isinstance(raw, RawDocument) and TEXT[:7] in (raw.extracted or raw.data.decode()) for raw in raws)


def test_a_file_url_is_a_local_path_with_its_checks(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "a.txt").write_text(TEXT, encoding="utf-8")
    files, quarantined = list_files([f"file://{tmp_path}/in"])
    assert files == [InputFile(str(tmp_path / "in" / "a.txt"), "a.txt", 0, len(TEXT.encode()))]
    assert [q.source for q in quarantined] == ["out.txt"]


@pytest.mark.parametrize("url", ["memory://nowhere", "file:///no/where", "nosuch://x", "s3x://bucket/x"])
def test_a_url_that_cannot_be_listed_is_a_usage_error(url: str):
    with pytest.raises(UsageError, match=r"no such file|cannot be listed"):
        list_files([url])


def test_a_url_without_fsspec_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"pip install qinggao\[cluster\]"):
        list_files(["s3://bucket/x"])


def test_local_inputs_do_not_import_fsspec(tmp_path: Path):
    (tmp_path / "x.jsonl").write_text('{"text": "a"}', encoding="utf-8")
    code = (
        "import sys; from pipeline.inputs.files import list_files; from pipeline.inputs.tables import read_rows\n"
        "(file,) = list_files([sys.argv[1]]).files\n"
        "assert [row.text for row in read_rows(file)] == ['a']\n"
        "assert 'fsspec' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path(__file__).parent.parent)


def test_what_a_system_refuses_is_an_input_error():
    with pytest.raises(InputError, match="check its permissions"), reading("x.txt"):
        raise PermissionError(13, "Permission denied")
    with pytest.raises(InputError, match="try again"), reading("far://x.txt"):
        raise RuntimeError("reset by peer")
    with pytest.raises(RuntimeError), reading("x.txt"):
        raise RuntimeError("a fault of ours")


def test_a_vanished_file_is_quarantined(tmp_path: Path):
    raw = load_file(InputFile(str(tmp_path / "gone.txt"), "gone.txt", 0, 1))
    assert "cannot be read: No such file" in raw.reason  # type: ignore[union-attr]
    with pytest.raises(FileNotFoundError):
        open_file(str(tmp_path / "gone.txt"))
