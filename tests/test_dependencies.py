"""What each pass reads, as the table says, is what it reads."""

from __future__ import annotations

import ast
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.dependencies import CODE, EVERY, PACKAGE, READS, fingerprints, pass_digests
from pipeline.knowledge import TOLD_BY, Knowledge
from pipeline.model import Document
from pipeline.route import STEPS, pass_name
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = True
TEXT = "銀行努厉工作,xxx公司提高服务水泙.\n"
TAUGHT = {"learned", "learned_packs"}
UNREAD = {"goal_types.toml", "goal_words.toml", "shapes.tsv"}  # of the analysis, of the training
HARMLESS = {
    "engines",
    "errors",
    "pipe",
    "dependencies",
    "settings",
    "lexicons",
    "lexicons.goals",
}  # modules that change no text
opened: list[str] = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(str(given[0])))


class Watched:
    """Settings that remember what was asked of them."""

    def __init__(self, *, neural: bool) -> None:
        self.asked: set[str] = set()
        self._settings = Settings(neural=neural)

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(self._settings, name)


def files_of(names: tuple[str, ...]) -> set[Path]:
    return {path for name in names if "." in name for path in PACKAGE.glob(name)}


def data_opened() -> Iterator[Path]:
    paths = (Path(name) for name in opened if not name.isdecimal())
    return (path for path in paths if path.is_relative_to(PACKAGE) and path.suffix not in {".py", ".pyc"})


def test_every_pass_is_listed_in_order():
    assert list(READS) == [pass_name(step) for step in range(len(STEPS))]
    assert pass_name(len(STEPS) + 1) == pass_name(1)


@pytest.mark.parametrize("step", range(len(STEPS)), ids=pass_name)
def test_a_pass_reads_what_is_listed(step: int):
    pytest.importorskip("onnxruntime", reason="the extra `neural` is not installed")
    listed, asked = READS[pass_name(step)], set()
    opened.clear()
    for neural in (True, False):
        watched = Watched(neural=neural)
        list(STEPS[step][1](Document("d", "d.txt", TEXT), Knowledge(watched)))  # type: ignore[arg-type]
        asked |= watched.asked
    assert set(data_opened()) == files_of(listed)
    settings = {name for name in listed if "." not in name} - TAUGHT
    assert settings >= asked - set(EVERY)
    assert settings - asked <= {"sites"}, "asked only with packs on"


def test_every_lexicon_is_read_by_a_pass_or_by_the_analysis():
    read = {path for names in READS.values() for path in files_of(names)}
    lexicons = {path for ending in ("tsv", "txt", "toml") for path in (PACKAGE / "lexicons").rglob(f"*.{ending}")}
    assert {path.name for path in lexicons - read} == {*TOLD_BY, *UNREAD}


def test_every_name_stands_for_something():
    names = {name for parts in READS.values() for name in parts}
    assert all(files_of((name,)) for name in names if "." in name)
    assert {name for name in names if "." not in name} - TAUGHT <= {field.name for field in fields(Settings)}


def test_the_code_that_changes_texts_is_listed_with_all_it_imports():
    listed = files_of(CODE)
    for path in listed:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline."):
                name = node.module.removeprefix("pipeline.")
                module = PACKAGE / f"{name.replace('.', '/')}.py"
                package = module.with_suffix("") / "__init__.py"
                harmless = name in HARMLESS or name.startswith("analysis.")
                assert harmless or {module, package} & listed, f"{path.name} imports {name}"


def test_a_digest_changes_with_what_it_stands_for_and_no_other(tmp_path: Path):
    words, packs = tmp_path / "words.txt", tmp_path / "packs"
    words.write_text("努厉\n", encoding="utf-8")
    packs.mkdir()
    settings = Settings(protect=words, sites=packs)
    taught = dict.fromkeys(TAUGHT, "")
    before = pass_digests(fingerprints(settings) | taught)
    words.write_text("柿场\n", encoding="utf-8")
    (packs / "own.toml").write_text('name = "own"\n', encoding="utf-8")
    after = pass_digests(fingerprints(settings) | taught)
    changed = {name for name, digest in after.items() if before[name] != digest}
    assert changed == {name for name, parts in READS.items() if {"protect", "sites"} & set(parts)}
    higher = pass_digests(fingerprints(Settings(min_confidence=0.95)) | taught)
    assert not set(higher.items()) & set(pass_digests(fingerprints(Settings()) | taught).items())


def test_what_the_corpus_taught_is_part_of_the_digests():
    knowledge = Knowledge(Settings(neural=False))
    pupil = knowledge.taught(sites=knowledge.sites._replace(packs=knowledge.listed_packs.packs[:1]))
    changed = {name for name, digest in pupil.passes.items() if knowledge.passes[name] != digest}
    assert changed == {name for name, parts in READS.items() if "learned_packs" in parts}
    assert pupil.fingerprint != knowledge.fingerprint
