"""Reading tables: every fault is reported, all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.lexicons.tables import load_names, load_typos, load_variants, load_word_list

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "wrong\tright\tonly\tunless\tclass\n"


def test_the_shipped_tables_are_sound():
    assert len(load_typos()) > 300
    assert load_variants()["満"] == "满"
    assert "乾隆" in load_names()


def test_all_faults_are_reported_together(tmp_path: Path):
    path = tmp_path / "typos.tsv"
    path.write_text(HEADER + "努厉\t努厉\n题高\t提高\n题高\t提搞\n心里\t心理\t方面\n提高\t题高\n", encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_typos(path)
    text = str(caught.value)
    assert "typos.tsv" in text
    for part in ("mapped to itself", "stands already in line 3", "context '方面'", "is a circle"):
        assert part in text


def test_faults_are_named_by_the_lines_of_the_file_comments_counted(tmp_path: Path):
    path = tmp_path / "typos.tsv"
    path.write_text(f"# mine\n\n{HEADER}题高\t提高\n# more\n努厉\t努厉\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"line 6: .努厉. is mapped to itself"):
        load_typos(path)


def test_a_foreign_header_is_refused(tmp_path: Path):
    path = tmp_path / "typos.tsv"
    path.write_text("from\tto\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="header"):
        load_typos(path)


def test_a_word_list_in_another_encoding_is_refused(tmp_path: Path):
    path = tmp_path / "words.txt"
    path.write_bytes("努厉集团".encode("gb18030"))
    with pytest.raises(LexiconError, match="save the file as UTF-8"):
        load_word_list(path)
