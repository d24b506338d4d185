"""A rerun with other knowledge gives the bytes of a new run, and runs only the passes whose outcome may differ."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import docx
import pytest
from hypothesis import HealthCheck, given, reject
from hypothesis import settings as trial
from hypothesis import strategies as st

import pipeline
from pipeline import route
from pipeline.errors import InputError
from pipeline.export import log
from pipeline.knowledge import Knowledge, SiteLessons
from pipeline.lexicons.packs import SitePack
from pipeline.lexicons.tables import load_masked, load_synonyms
from pipeline.route import STEPS, TEXT_STAGES, cleaning, cleaning_again, pass_name
from pipeline.rules.learned import Learned
from pipeline.rules.masks import MaskTable
from pipeline.rules.synonyms import SynonymTable
from pipeline.settings import Settings
from pipeline.stages.decode import to_document
from pipeline.stages.read import RawDocument
from pipeline.ways import alone
from tests.laws.test_laws import TEXTS
from tests.test_runner import tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.model import Document

PLAN = "护士工作计划 篇一\n捅过努厉,题高服务水泙,全体提高质量。\n护士工作计划 篇二\n一、加强学习\n严格遵守xxx的规定。\n"
PLAIN = "护士工作计划\n一、加强学习\n认真学习业务知识。\n"
PAGE = f"<html><body><article><h1>护士工作计划</h1><p>{PLAN * 5}</p></article></body></html>"


MIXED = (
    "客户经理工作计划 篇一\n公文汇 www.gongwenhui.com 通过学习开拓柿场,落眩竞争,题高服务水泙,全体提高质量.\n"
    "一、严格遵守xxx的规定,努厉完成各项工作任务。\n问题高度重视,请登录 www.demo.cn 报名\n"
    "今年要在做好服务的基楚上,提供优质的服物。\n全体提高服务质量,积极展开各项活动,变成共识。\n"
)
"""Something of all that a change can touch."""
PARTS = st.lists(st.sampled_from(MIXED.splitlines(keepends=True)) | TEXTS, max_size=6).map("".join)


def with_lexicon(name: str, part: str, table: object) -> Knowledge:
    """Return the usual knowledge with another table, as if the file ``name`` had been changed."""
    knowledge = Knowledge(Settings())
    knowledge.__dict__[part] = table
    knowledge.__dict__["given"] = knowledge.given | {name: "another"}
    return knowledge


def other_masks(base: Knowledge) -> Knowledge:
    words = dict.fromkeys(list(load_masked())[::2], 9.0)
    return with_lexicon("lexicons/masked.tsv", "mask_table", MaskTable(words, base.scorer, base.sentences))


def other_synonyms(base: Knowledge) -> Knowledge:
    table = SynonymTable(
        [row for row in load_synonyms() if row.spun != "全体"], base.scorer, base.sentences, base.words
    )
    return with_lexicon("lexicons/synonyms.tsv", "synonym_table", table)


def lessons(*pairs: tuple[str, str]) -> tuple[Learned, ...]:
    return tuple(Learned(wrong, right, 9, 1.0, "", "apply", 0.95) for wrong, right in pairs)


def own_file(place: Path, name: str, text: str) -> Path:
    (place / name).write_text(text, encoding="utf-8")
    return place / name


CHANGES: dict[str, Callable[[Knowledge, Path], Knowledge]] = {
    "nothing": lambda base, _: base,
    "masks": lambda base, _: other_masks(base),
    "synonyms": lambda base, _: other_synonyms(base),
    "no lexicon": lambda _, __: Knowledge(Settings(lexicon=False)),
    "lower bar": lambda _, __: Knowledge(Settings(min_confidence=0.5)),
    "higher bar": lambda _, __: Knowledge(Settings(min_confidence=0.96)),
    "no packs": lambda _, __: Knowledge(Settings(packs=False)),
    "learned": lambda base, _: base.taught(learned=lessons(("落眩", "落选"), ("基楚", "基础"), ("服物", "服务"))),
    "learned packs": lambda base, _: base.taught(sites=SiteLessons((SitePack("某站", inline=("通过学习",)),), "")),
    "typos": lambda _, place: Knowledge(
        Settings(typos=own_file(place, "own.tsv", "wrong\tright\tonly\tunless\tclass\n柿场\t广场\t\t\tcommon\n"))
    ),
    "protected": lambda _, place: Knowledge(
        Settings(protect=own_file(place, "own.txt", "努厉\n柿场\n开門红\n题高\n基矗\n"))
    ),
}


def dumped(document: Document, knowledge: Knowledge) -> tuple[object, ...]:
    return *log.dump(document, knowledge.passes), document.goals, document.evidence


@pytest.fixture(scope="module", params=CHANGES)
def changed(request: pytest.FixtureRequest, knowledge: Knowledge, tmp_path_factory: Any) -> Knowledge:
    return CHANGES[request.param](knowledge, tmp_path_factory.mktemp("own"))


def clean_raw(raw: RawDocument, knowledge: Knowledge) -> Document:
    return alone(cleaning(to_document(raw), knowledge))


def clean_again(raw: RawDocument, knowledge: Knowledge, earlier: Document, passes: dict[str, str]) -> Document:
    return alone(cleaning_again(raw, knowledge, earlier, passes))


@trial(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(text=PARTS)
def test_cleaning_again_gives_the_bytes_of_a_new_run(text: str, knowledge: Knowledge, changed: Knowledge):
    raw = RawDocument.from_bytes("d", text.encode())
    for old, new in ((knowledge, changed), (changed, knowledge)):
        try:
            earlier, head = log.load(*log.dump(clean_raw(raw, old), old.passes))
        except InputError:
            reject()
        assert dumped(clean_again(raw, new, earlier, head["passes"]), new) == dumped(clean_raw(raw, new), new)


def test_every_change_tried_changes_something(knowledge: Knowledge, changed: Knowledge):
    raw = RawDocument.from_bytes("d", MIXED.encode())
    before, after = clean_raw(raw, knowledge), clean_raw(raw, changed)
    assert (before.edits == after.edits) is (knowledge is changed)
    assert dumped(clean_again(raw, changed, before, knowledge.passes), changed) == dumped(after, changed)
    assert dumped(clean_again(raw, knowledge, after, changed.passes), knowledge) == dumped(before, knowledge)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the passes that are run, as they are."""
    names: list[str] = []

    def watched(name: str, propose: Any) -> Any:
        @wraps(propose)
        def call(document: Document, knowledge: Knowledge) -> Any:
            names.append(name)
            return propose(document, knowledge)

        return call

    steps = [(stage, watched(pass_name(step), propose)) for step, (stage, propose) in enumerate(STEPS)]
    monkeypatch.setattr(route, "STEPS", steps)
    return names


def again(text: str, old: Knowledge, new: Knowledge, runs: list[str]) -> list[str]:
    """Return the passes that are run when a text is cleaned with new knowledge after it was with old."""
    raw = RawDocument.from_bytes("d", text.encode())
    earlier = clean_raw(raw, old)
    runs.clear()
    clean_again(raw, new, earlier, old.passes)
    return list(runs)


def test_only_the_changed_passes_are_run_where_they_do_the_same(knowledge: Knowledge, runs: list[str]):
    assert again(PLAN, knowledge, knowledge, runs) == []
    taught = knowledge.taught(learned=lessons(("落眩", "落选")))
    assert set(again(PLAN, knowledge, taught, runs)) == {"correct.learned"}
    masks = other_masks(knowledge)
    assert set(again(PLAN.replace("xxx", "公司"), knowledge, masks, runs)) == {"unmask.masks"}


def test_what_follows_a_changed_outcome_is_run(knowledge: Knowledge, runs: list[str]):
    plain = Knowledge(Settings(lexicon=False))
    names = again(PLAN, knowledge, plain, runs)
    first = [pass_name(step) for step in range(len(STEPS))]
    start = first.index("correct.table")
    assert names[: len(STEPS) - start] == first[start:], "nothing before the table, all after it"
    settling = names[len(STEPS) - start :]
    assert settling == first[: first.index("correct.model") + 1], "what came after the last edit has seen its outcome"
    assert set(again(PLAIN, knowledge, plain, runs)) == {
        "correct.table",
        "despin.gaps",
        "despin.synonyms",
        "unmask.masks",
    }


def test_all_is_run_for_another_text_or_encoding(knowledge: Knowledge, runs: list[str]):
    earlier = clean_raw(RawDocument.from_bytes("d", PLAN.encode()), knowledge)
    for data in (PLAN.replace("努厉", "努历").encode(), PLAN.encode("gb18030")):
        runs.clear()
        clean_again(RawDocument.from_bytes("d", data), knowledge, earlier, knowledge.passes)
        assert set(runs) == {pass_name(step) for step in range(len(STEPS))}


def test_a_log_of_another_program_is_no_help(knowledge: Knowledge, runs: list[str]):
    raw = RawDocument.from_bytes("d", PLAN.encode())
    earlier = clean_raw(raw, knowledge)
    runs.clear()
    clean_again(raw, knowledge, earlier, {})
    assert runs[: len(STEPS)] == [pass_name(step) for step in range(len(STEPS))]


def test_steps_tell_the_passes_apart(knowledge: Knowledge):
    document = clean_raw(RawDocument.from_bytes("d", PLAN.encode()), knowledge)
    steps = [batch.step for batch in document.batches]
    assert steps == sorted(set(steps))
    assert [batch.stage for batch in document.batches] == [STEPS[step % len(STEPS)][0] for step in steps]
    assert {batch.stage for batch in document.batches} <= set(TEXT_STAGES)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "计划.txt").write_text(PLAN, encoding="utf-8")
    (folder / "old.txt").write_bytes(PLAN.encode("gb18030"))
    (folder / "plain.md").write_text(PLAIN, encoding="utf-8")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "rows.csv").write_text("id,text\na,努厉工作。\nb,全体提高质量。\n", encoding="utf-8")
    paper = docx.Document()
    for line in PLAN.splitlines():
        paper.add_paragraph(line)
    paper.save(str(folder / "paper.docx"))
    return folder


@pytest.mark.parametrize("change", [{"lexicon": False}, {"min_confidence": 0.96}], ids=str)
def test_a_folder_under_changed_settings_is_that_of_a_new_run(raw: Path, tmp_path: Path, change: dict[str, Any]):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    settings = Settings(**change)
    pipeline.clean_folder(raw, out)
    assert pipeline.clean_folder(raw, out, settings=settings).kept == 0
    pipeline.clean_folder(raw, fresh, settings=settings)
    assert tree(out) == tree(fresh)
    assert pipeline.clean_folder(raw, out, settings=settings).kept == 7


def test_a_damaged_log_or_text_is_no_help(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    whole = tree(out)
    for path, damage in (
        (out / "log" / "计划.jsonl", b"\n"),
        (out / "text" / "old.txt", "末".encode()),
        (out / "log" / "plain.jsonl", None),
    ):
        if damage is None:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes() + damage)
    assert pipeline.clean_folder(raw, out).kept == 4
    assert tree(out) == whole


def test_a_file_that_moved_is_named_by_its_new_place(raw: Path, tmp_path: Path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    pipeline.clean_folder(raw, out)
    (raw / "sub").mkdir()
    (raw / "计划.txt").rename(raw / "sub" / "计划.txt")
    pipeline.clean_folder(raw, out)
    pipeline.clean_folder(raw, fresh)
    assert tree(out) == tree(fresh)
