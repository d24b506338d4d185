"""The commands as a user types them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def qinggao(*words: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    left_out = ["--no-neural"] if words[0] in {"clean", "correct"} else []  # it takes its time
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", *map(str, words), *left_out]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("护士工作计划\n努厉题高水泙.\n", encoding="utf-8")
    return tmp_path


def test_clean_verify_explain(plans: Path):
    out = plans / "out"
    done = qinggao("clean", plans / "raw", "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    assert "cleaned 1 document(s): 1 plans" in done.stdout.decode()
    assert qinggao("verify", out).returncode == 0
    explained = qinggao("explain", out, "a").stdout.decode()
    assert "努[厉 → 力]" in explained
    (out / "text" / "a.txt").write_text("别的", encoding="utf-8")
    assert qinggao("verify", out).returncode == 1


def test_quarantine_is_exit_code_1(plans: Path):
    (plans / "raw" / "empty.txt").touch()
    done = qinggao("clean", plans / "raw", "--out", plans / "out")
    assert done.returncode == 1
    assert "quarantined empty.txt" in done.stderr.decode()


def test_usage_errors_are_exit_code_2_and_name_the_next_step(plans: Path):
    done = qinggao("clean", plans / "raw", "--out", plans / "raw")
    assert done.returncode == 2
    assert "give another one with --out" in done.stderr.decode()
    assert qinggao("clean", plans / "nowhere", "--out", plans / "out").returncode == 2
    assert qinggao("verify", plans / "raw").returncode == 2


def test_correct_keeps_every_line(plans: Path):
    data = "努厉,工作\r\n\n问题高度重视\n题高".encode() + b"\xff\xfe\n" + "柿场".encode()
    done = qinggao("correct", stdin=data)
    assert done.stdout == "努力,工作\r\n\n问题高度重视\n提高".encode() + b"\xff\xfe\n" + "市场".encode()
    protect = plans / "p.txt"
    protect.write_text("柿场\n", encoding="utf-8")
    assert qinggao("correct", "--protect", protect, stdin="柿场努厉".encode()).stdout == "柿场努力".encode()
    known = "一天之际在于晨".encode()
    assert qinggao("correct", stdin=known).stdout == "一天之计在于晨".encode()
    assert qinggao("correct", "--no-lexicon", stdin=known).stdout == known
    assert qinggao("correct", "--no-lexicon", stdin="认真分析柿场形势".encode()).stdout == "认真分析市场形势".encode()
    protect.write_text("柿\n", encoding="utf-8")
    done = qinggao("correct", "--protect", protect, "--no-lexicon", stdin="认真分析柿场形势".encode())
    assert done.stdout == "认真分析柿场形势".encode()


def test_options_without_lexicon_and_packs(plans: Path):
    done = qinggao("clean", plans / "raw", "--out", plans / "out", "--no-lexicon", "--no-packs", "--jobs", 1)
    assert done.returncode == 0
    edits = (plans / "out" / "edits.csv").read_text(encoding="utf-8-sig")
    assert "correct.table" not in edits
    assert "correct.model" in edits


BROKEN = {
    "none.klm": None,
    "text.klm": "认真工作".encode(),
    "cut.klm": b"mmap lm http://kheafield.com/code format version 5\n\0" + bytes(60),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_is_named(name: str, tmp_path: Path):
    path = tmp_path / name
    if BROKEN[name] is not None:
        path.write_bytes(BROKEN[name])
    done = qinggao("correct", "--lm", path, stdin="好".encode())
    assert done.returncode == 2
    assert name in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_protected_list_in_another_encoding_is_named(tmp_path: Path):
    path = tmp_path / "protect.txt"
    path.write_bytes("努厉集团".encode("gb18030"))
    done = qinggao("correct", "--protect", path, stdin="好".encode())
    assert done.returncode == 2
    assert "protect.txt" in done.stderr.decode()
    assert "UTF-8" in done.stderr.decode()
