"""``qinggao lm prepare``: the user's text as the tokens of the model."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.main import cli
from pipeline.errors import UsageError
from pipeline.lm import prepare as module
from pipeline.lm.prepare import training_lines
from pipeline.lm.tokens import tokenise

PAGE = Path(__file__).parent.parent / "docs" / "language-model.md"
LINES = st.lists(
    st.text(st.sampled_from("工作，。.1a \r\u3000（") | st.characters(codec="utf-8"), max_size=20), max_size=9
)


def prepared(data: bytes) -> list[str]:
    return list(training_lines(io.BytesIO(data), "notes.txt"))


def prepare(*words: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["lm", "prepare", *map(str, words)], input=stdin)


def refused(*words: object, stdin: bytes = b"") -> str:
    error = prepare(*words, stdin=stdin).exception
    assert isinstance(error, UsageError)
    return str(error)


def test_one_sentence_a_line():
    text = "一、2024年工作（草案）。\r\n\n \n完成ISO认证！很好\n…\n"
    assert prepared(text.encode()) == ["一 ， 0 年 工 作 # 草 案 #", "完 成 A 认 证", "很 好"]
    assert prepared(b"") == prepared(b"\n\n \r\n") == []


def test_a_byte_order_mark_is_no_text():
    assert prepared("\ufeff工作\n\ufeff计划".encode()) == ["工 作", "# 计 划"]


@pytest.mark.parametrize("block", [1, 16, 1 << 18])
def test_blocks_make_no_difference(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK", block)
    text = "\ufeff工作。计划12\n34护理\n\n病房"
    assert prepared(text.encode()) == ["工 作", "计 划 0", "0 护 理", "病 房"]


@given(LINES)
def test_the_lines_are_the_sentences_of_the_tokens(lines: list[str]):
    text = "\n".join(lines).removeprefix("\ufeff")
    assert [line.replace(" ", "") for line in prepared(text.encode())] == list(tokenise(text).sentences())


def test_a_line_of_a_megabyte():
    long = "工作计划，" * 70_000
    assert prepared(f"甲\n{long}\n乙".encode()) == ["甲", " ".join(long), "乙"]


def test_text_is_read_as_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK", 100)
    stream = io.BytesIO("护理工作计划。\n".encode() * 1000)
    lines = training_lines(stream, "notes.txt")
    assert next(lines) == "护 理 工 作 计 划"
    assert stream.tell() < 200


@pytest.mark.parametrize("block", [1, 1 << 18])
def test_bytes_that_are_not_utf8(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK", block)
    with pytest.raises(UsageError) as caught:
        prepared("工作\n\n计划".encode() + "护".encode("gb18030") + b"\n")
    assert str(caught.value).startswith("notes.txt is not UTF-8: byte 0xBB at offset 14, in line 3. Convert it first")


def test_files_and_standard_input(tmp_path: Path):
    one, two, out = tmp_path / "one.txt", tmp_path / "two.txt", tmp_path / "out.tok"
    one.write_text("一，甲", encoding="utf-8")
    two.write_text("二2\n", encoding="utf-8")
    assert prepare(stdin="三。".encode()).stdout_bytes == "三\n".encode()
    assert prepare("-", stdin="三。".encode()).stdout_bytes == "三\n".encode()
    done = prepare(one, "-", two, "--out", out, stdin="三。四".encode())
    assert (done.exit_code, done.stdout_bytes) == (0, b"")
    assert out.read_bytes() == "一 ， 甲\n三\n四\n二 0\n".encode()  # a file's end ends a sentence
    assert prepare(one, "--out", "-").stdout_bytes == "一 ， 甲\n".encode()
    assert prepare().exit_code == 0


def test_a_file_that_is_not_utf8_is_exit_code_2(tmp_path: Path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("工作", encoding="utf-8")
    bad.write_bytes("工作".encode("gb18030"))
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", "lm", "prepare", good, bad]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, "工 作\n".encode())
    assert f"{bad} is not UTF-8: byte 0xB9 at offset 0, in line 1. Convert it first" in done.stderr.decode()


def test_faults_name_the_next_step(tmp_path: Path):
    good = tmp_path / "good.txt"
    good.write_text("工作", encoding="utf-8")
    assert refused(stdin=b"\xff\xfe").startswith(
        "standard input is not UTF-8: byte 0xFF at offset 0, in line 1. Convert"
    )
    assert "out.tok cannot be opened: No such file or directory; check" in refused(
        good, "--out", tmp_path / "no" / "out.tok"
    )
    assert prepare(tmp_path / "none.txt").exit_code == 2
    assert prepare(tmp_path).exit_code == 2
    assert prepare(good, "--out", tmp_path).exit_code == 2


def test_a_text_is_not_overwritten_by_its_tokens(tmp_path: Path):
    text = tmp_path / "text.txt"
    text.write_text("工作", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    assert "give another file with --out" in refused(text, "--out", tmp_path / "folder" / ".." / "text.txt")
    assert text.read_text(encoding="utf-8") == "工作"


def test_the_examples_of_the_page_are_true():
    rows = re.findall(r"^\| `(.+)` \| (`.+`) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [(text, lines) for text, lines in rows if " " in lines]
    assert len(rows) == 3
    for text, lines in rows:
        assert prepared(text.encode()) == re.findall(r"`(.+?)`", lines)
