"""The second opinion: where the network is asked, what it is asked, and that nothing hangs on the company."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.cli.options import build_settings
from pipeline.errors import ModelError, UsageError
from pipeline.knowledge import Knowledge
from pipeline.lm.corrector import CUT, KANA, READ_BESIDE, STRIDE, Corrector, Examined, LaidOut, pieces_of
from pipeline.lm.opinion import AROUND, FEATURES, HOPELESS, OPEN, SETTLED, log_odds
from pipeline.rules.masks import HEARD_FEATURES
from pipeline.settings import Settings
from pipeline.stages.correct import correct_lines

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.lm.corrector import Correction
    from pipeline.lm.proposals import Found

pytest.importorskip("onnxruntime", reason="the extra `neural` is not installed")

NETWORK = True
LINES = (
    "认真分析柿场形势，题高服务水泙。",
    "他以经把材料交给了领导，大家都很高兴",
    "我们要仅仅围绕中心工作，扎实推进各项任务。",
    "今天天气很好。明天也好！",
    "在坐的各位同志，请大家在次发言。",
)


@cache
def knowing(*, thorough: bool = False, neural: bool = True) -> Knowledge:
    return Knowledge(Settings(lexicon=False, neural=neural, thorough=thorough))


def fresh(knowledge: Knowledge) -> Corrector:
    """Return a corrector that remembers nothing."""
    corrector = knowledge.corrector
    return Corrector(corrector.proposer, knowledge.features, corrector.acceptance, knowledge.opinion)


def corrections(knowledge: Knowledge, text: str) -> list[Correction]:
    return fresh(knowledge).corrections(text, 0.05)


def examined(knowledge: Knowledge, text: str) -> tuple[LaidOut, Examined]:
    laid = LaidOut([piece for _, piece in pieces_of(text)])
    return laid, fresh(knowledge).examine(laid)


@pytest.mark.parametrize("thorough", [False, True])
def test_a_line_is_judged_the_same_alone_and_beside_others(*, thorough: bool):
    knowledge = knowing(thorough=thorough)
    together = corrections(knowledge, "\n".join(LINES))
    at, apart = 0, []
    for line in LINES:
        apart += [c._replace(start=c.start + at, end=c.end + at) for c in corrections(knowledge, line)]
        at += len(line) + 1
    assert together == apart
    assert any(c.probability > 0.5 for c in together)


def change(found: Found, number: int) -> tuple[tuple[int, str], ...]:
    """Return what a proposal would put where."""
    return tuple((int(found.tokens.offsets[at]), option.symbol) for at, option in found.proposals[number].options)


def test_of_what_n_grams_propose_the_network_is_asked_only_where_the_first_judge_doubts():
    knowledge = knowing()
    text = "\n".join(LINES)
    laid, (_, _, first, asked) = examined(knowledge, text)
    by_ngrams = len(knowledge.corrector.proposer.look(laid.text).proposals)
    odds = log_odds(first)
    shown = [one.number for one in asked if one.number < by_ngrams]
    assert 0 < len(shown) < by_ngrams
    assert all(OPEN <= odds[number] < SETTLED for number in shown)
    without = corrections(knowing(neural=False), text)
    sure = {(c.start, c.after) for c in without if log_odds(np.array([c.probability]))[0] >= SETTLED}
    assert sure
    assert sure <= {(c.start, c.after) for c in corrections(knowledge, text)}


def test_where_the_network_reads_it_proposes_what_no_one_else_does():
    text = "我门以经完成了年初制订的各项工做任务，因该继续努厉。"
    laid, (found, _, first, asked) = examined(knowing(), text)
    by_ngrams = len(knowing().corrector.proposer.look(laid.text).proposals)
    own = [one.number for one in asked if one.number >= by_ngrams]
    assert own == list(range(by_ngrams, len(found.proposals)))
    settled = [number for number in range(by_ngrams) if log_odds(first)[number] >= SETTLED]
    assert settled, "the first judge is sure of nothing here: the text shows nothing"
    others = {change(found, number) for number in range(by_ngrams)}
    assert {((laid.text.index("门"), "们"),)} <= {change(found, number) for number in own} - others
    said = [change(found, number) for number in (*settled, *(one.number for one in asked))]
    assert len(said) == len(set(said)), "what is settled or asked is asked again"
    doubted = [at for one in asked if one.number < by_ngrams for at, _ in change(found, one.number)]
    assert all(min(abs(at - place) for at in doubted) <= AROUND for n in own for place, _ in change(found, n))
    assert correct_lines([text], knowing())[0].startswith("我们已经完成了")


@given(
    st.lists(st.sampled_from(["我们。", "把各项工作做好，", "。", "他说", "\n"]), max_size=40).map("".join), st.data()
)
def test_what_is_doubted_is_read_once_within_its_sentence(text: str, data: st.DataObject):
    laid = LaidOut([piece for _, piece in pieces_of(text)])
    inside = [at for at in range(len(laid.text)) if laid.owner(at) >= 0]
    starts = sorted(data.draw(st.lists(st.sampled_from(inside), max_size=12))) if inside else []
    ends = [laid.starts[laid.owner(at)] + len(laid.pieces[laid.owner(at)].sentence) for at in starts]
    stops = [data.draw(st.integers(start + 1, min(end, start + 6))) for start, end in zip(starts, ends, strict=True)]
    reach = data.draw(st.integers(1, 8))
    passages = laid.around(zip(starts, stops, strict=True), reach)
    asked = [at for one in passages for at in range(one.first, one.last)]
    assert len(asked) == len(set(asked)), "what two passages read is asked twice"
    whole = laid.passages()
    for start, stop, end in zip(starts, stops, ends, strict=True):
        (own,) = [one for one in passages if one.first <= start < one.last]
        (all_of_it,) = [one for one in whole if one.first <= start < one.last]
        assert own.start <= max(all_of_it.start, start - reach)
        assert own.end >= min(all_of_it.end, stop + reach)
        far = max(0, reach - CUT)
        assert set(range(max(laid.starts[laid.owner(start)], start - far), min(end, stop + far))) <= set(asked)
    for one in passages:
        assert one.start <= one.first < one.last <= one.end
        assert laid.owner(one.first) == laid.owner(one.last - 1) >= 0
        assert one.end - one.start <= 3 * reach + 6
    assert all(one.last <= other.first for one, other in pairwise(passages))


def test_rows_are_finite_where_reading_again_was_worth_it_and_say_what_the_network_says():
    knowledge = knowing(thorough=True)
    text = "他以经把材料交给了领导。"
    _, (_, features, first, asked) = examined(knowledge, text)
    own = [one.number for one in asked]
    opinion = knowledge.opinion
    assert opinion
    table = opinion.rows(asked, features[own], log_odds(first[own]))
    assert table.shape == (len(asked), len(FEATURES))
    (number,) = (n for n, one in enumerate(asked) if one.changes() == [(1, "已")])
    row = dict(zip(FEATURES, table[number].tolist(), strict=True))
    assert np.isfinite(table[number]).all()
    for name in ("seen_gain", "hidden_gain", "made_back", "ease", "ease_all"):
        assert row[name] > 0, name
    assert row["doubt"] > row["made_doubt"]
    assert row["ease"] > row["hidden_ease"]
    assert row["chars"] == len(text)


def test_thorough_reads_every_sentence_and_proposes_what_n_grams_do_not():
    knowledge = knowing(thorough=True)
    text = "老师对学生的作业进行了认真的批该。今天天气很好。"
    laid, (found, features, first, asked) = examined(knowledge, text)
    assert [laid.text[p.first : p.last] for p in laid.passages()] == [
        "老师对学生的作业进行了认真的批该。",
        "今天天气很好。",
    ]
    by_ngrams = len(knowledge.corrector.proposer.look(laid.text).proposals)
    further = found.proposals[by_ngrams:]
    assert further, "the network proposes nothing here: the text shows nothing"
    assert len(features) == len(first) == len(found.proposals)
    assert {one.number for one in asked} >= set(range(by_ngrams, len(found.proposals)))
    for one in asked:
        proposal = found.proposals[one.number]
        assert one.after == "".join(option.symbol for _, option in proposal.options)
        assert "".join(one.passage.text[at] for at in one.places) != one.after
        assert one.number >= by_ngrams or log_odds(first[[one.number]])[0] >= HOPELESS
    changes = [(one.passage.text, *one.changes()) for one in asked]
    assert len(changes) == len(set(changes)), "the same is asked twice"


def test_a_long_sentence_is_read_in_parts_of_bounded_length():
    sentence = "我们以经把工作安排好了，" * 800 + "他以经走了。"
    laid, (_, _, _, asked) = examined(knowing(thorough=True), sentence)
    assert asked
    assert max(len(one.passage.text) for one in asked) <= STRIDE + 2 * READ_BESIDE
    assert all(one.passage.text[at] != char for one in asked for at, char in one.changes())
    passages = laid.passages()
    assert [p.first for p in passages[1:]] == [p.last for p in passages[:-1]]
    assert laid.text[passages[0].first : passages[-1].last] == sentence
    by_default = examined(knowing(), "他在坐的时候，" + sentence + "".join(LINES))[1].asked
    assert max(len(one.passage.text) for one in by_default) <= 3 * AROUND + READ_BESIDE
    fixed = correct_lines([sentence], knowing())[0]
    assert len(fixed) == len(sentence)
    assert fixed.endswith("他已经走了。")


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize(
    "odd", ["これはペンです。", "Это предложение.", "ประเทศไทย", "𠀀𠀁𠀂𠀃", "\ud800", "\0\0", "😀"]
)
def test_other_scripts_come_through_unchanged_and_what_stands_beside_them_is_mended(odd: str, *, thorough: bool):
    knowledge = knowing(thorough=thorough)
    assert correct_lines([odd], knowledge) == [odd]
    mended = "柿场" if KANA.search(odd) else "市场"  # a line with kana is Japanese: nothing in it is looked at
    assert correct_lines([f"认真分析柿场形势。{odd}"], knowledge) == [f"认真分析{mended}形势。{odd}"]


@pytest.mark.parametrize("filling", [" " * 100_000, "A" * 100_000])
def test_changes_with_much_between_them_are_not_shown_to_the_network(filling: str):
    text = f"认真分析柿{filling}厂形势。分晰{filling}柿场。"
    laid, (found, _, _, asked) = examined(knowing(thorough=True), text)
    places = [[int(found.tokens.offsets[at]) for at, _ in proposal.options] for proposal in found.proposals]
    far = [number for number, row in enumerate(places) if row[-1] - row[0] >= len(filling)]
    assert far, "no change reaches across: the text shows nothing"
    assert all(len(one.passage.text) <= STRIDE + 2 * READ_BESIDE for one in asked)
    assert not {one.number for one in asked} & set(far)
    assert set(far).isdisjoint(laid.inside(found))
    assert len(correct_lines([text], knowing(thorough=True))[0]) == len(text)


def test_of_masked_words_the_network_is_asked_only_of_lengths_that_may_fit(monkeypatch: pytest.MonkeyPatch):
    knowledge, asked = Knowledge(Settings()), list[set[int]]()
    table = knowledge.mask_table
    network = knowledge.network
    assert network
    assert len({len(word) for word in table.words}) > 1, "all words have one length: the text shows nothing"
    compared = network.compared

    def listening(head: str, words: list[str], tail: str) -> np.ndarray:
        asked.append({len(word) for word in words})
        return compared(head, words, tail)

    monkeypatch.setattr(network, "compared", listening)
    ((slots, rows),) = table.slots(["严格遵守xxx的各项规章制度，维护xxx的形象，为xxx创造价值。"])
    assert [slot.word for slot in slots] == ["公司"] * 3
    assert rows.shape == (3, len(HEARD_FEATURES))
    assert np.isfinite(rows).all()
    assert len(asked) == 3
    assert all(2 in lengths for lengths in asked)
    assert any(lengths < {len(word) for word in table.words} for lengths in asked)


def test_real_words_in_the_wrong_place_are_found_with_it():
    found = {c.before: c.after for c in corrections(knowing(), LINES[1]) if c.probability > 0.66}
    assert found == {"以": "已"}


def test_without_the_extra_it_says_so_once_and_goes_on(tmp_path: Path):
    (tmp_path / "a.txt").write_text("认真分析柿场形势。\n", encoding="utf-8")
    blocked = "import sys; sys.modules['onnxruntime'] = None; from pipeline.cli.main import main; main()"
    command = [
        sys.executable,
        "-c",
        blocked,
        "clean",
        str(tmp_path / "a.txt"),
        "--out",
        str(tmp_path / "out"),
        "--jobs",
        "1",
    ]
    done = subprocess.run([*command, "--no-analysis"], capture_output=True, text=True, check=True)
    assert done.stderr.count("qinggao[neural]") == 1
    assert "认真分析市场形势" in (tmp_path / "out" / "text" / "a.txt").read_text(encoding="utf-8")
    done = subprocess.run([*command, "--no-analysis", "--thorough"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'qinggao[neural]'" in done.stderr


def test_thorough_without_the_network_is_no_order():
    with pytest.raises(UsageError, match="--no-neural"):
        build_settings(None, thorough=True, no_neural=True)


def test_no_neural_leaves_it_out():
    assert knowing(neural=False).network is None
    assert knowing(neural=False).opinion is None


def test_a_missing_model_is_named_before_any_document_is_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("pipeline.knowledge.Network", lambda: _missing(tmp_path))
    with pytest.raises(ModelError, match=r"network.onnx: no such model.*--no-neural"):
        Knowledge(Settings()).check()


def _missing(folder: Path) -> None:
    from pipeline.lm.network import Network  # noqa: PLC0415 - the one of the knowledge is replaced

    Network(folder / "network.onnx")


@pytest.mark.parametrize("thorough", [False, True])
def test_cleaning_what_was_cleaned_with_it_changes_nothing(*, thorough: bool):
    source = "护理部工作计划\n他以经把xxx的材料交给了领导,大家都很高兴.\n全体题高护理质量,变成良好的习惯.\n"
    settings = Settings(thorough=thorough)
    once = pipeline.clean(source, settings)
    again = pipeline.clean(once.text, settings)
    assert again.text == once.text
    assert not [edit for batch in again.batches for edit in batch.edits]
    assert "已经" in once.text
    assert knowing(thorough=thorough).network is not None


def test_the_number_of_workers_changes_no_byte(tmp_path: Path):
    (tmp_path / "raw").mkdir()
    for number, line in enumerate(LINES):
        text = f"工作计划\n{line}\n全体题高护理质量,变成良好的习惯.\n严格遵守xxx的规定，为xxx创造价值。\n"
        (tmp_path / "raw" / f"{number}.txt").write_text(text, encoding="utf-8")
    made = []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        pipeline.clean_folder(tmp_path / "raw", out, jobs=jobs)
        texts = sorted(path for folder in ("text", "log") for path in (out / folder).iterdir())
        made.append([path.read_bytes() for path in texts])
    assert made[0] == made[1]
    pipeline.clean_folder(tmp_path / "raw", tmp_path / "none", Settings(neural=False))
    without = sorted(path for folder in ("text", "log") for path in (tmp_path / "none" / folder).iterdir())
    assert made[0] != [path.read_bytes() for path in without], "the network had nothing to say"
