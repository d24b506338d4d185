"""The programs that make the models: damage, examples, export; and the scoring of the benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import pytest
import zstandard
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.bench_correct import Score, strict
from pipeline.errors import LexiconError
from pipeline.knowledge import Knowledge
from pipeline.lm.acceptance import AcceptanceModel
from pipeline.lm.features import FEATURES, GRAIN
from pipeline.lm.opinion import FEATURES as OPINION_FEATURES
from pipeline.settings import Settings
from training.corpus import draw_lines
from training.damage import Damage
from training.errata import COLUMNS, Verdict, digest, read_errata, shown
from training.network.data import BLOCK, blocks, unseen_lines
from training.train_acceptance import examples, make_pairs, read_pairs
from training.train_agreement import consistency
from training.train_opinion import LOT, collect, write_doubtful
from training.trees import export

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "认真学习业务知识，努力提高服务水平，确保全年各项工作任务顺利完成，让广大客户满意。"


def test_damage_keeps_the_length_and_the_seed():
    one, two = Damage(5), Damage(5)
    lines = [one.line(TEXT, 4) for _ in range(20)]
    assert lines == [two.line(TEXT, 4) for _ in range(20)]
    assert all(len(line) == len(TEXT) for line in lines)
    assert len(set(lines)) > 10
    assert one.line(TEXT, 0) == TEXT


def test_a_spun_text_is_spun_the_same_way_everywhere():
    text = TEXT * 6
    spun, table = Damage(1).spin(text, 0.5)
    assert table
    assert len(spun) == len(text)
    assert spun == "".join([spun[: len(TEXT)]] * 6)


def test_examples_know_right_from_wrong():
    knowledge = Knowledge(Settings(lexicon=False))
    rows, right = examples(
        [("认真分析柿场形势", "认真分析市场形势"), ("认真分析柿场形势", "认真分析柿场形势")], knowledge
    )
    assert rows.shape[1] == len(FEATURES)
    assert right.tolist() == [True, False]


def test_the_second_judge_learns_from_what_it_will_be_asked(tmp_path: Path):
    pytest.importorskip("onnxruntime", reason="the extra `neural` is not installed")
    pairs = [("认真分析柿场形势", "认真分析市场形势"), ("认真分析柿场形势", "认真分析柿场形势")]
    found = collect([*pairs, ("长短不同", "不同"), *pairs * LOT], jobs=1)
    assert found.rows.shape == (len(found.right), len(OPINION_FEATURES))
    assert np.isfinite(found.rows).all()
    assert len(found.lines) == 2 + 2 * LOT, "lines of other lengths are left out"
    assert set(found.line[found.right].tolist()) == set(range(0, len(found.lines), 2))
    assert len(set(found.fold()[found.right].tolist())) == 1, "the same line is in the same fold"
    assert not found.right[found.line % 2 == 1].any()
    assert found.right.any()
    wrong = next(
        number for number in range(len(found.right)) if found.line[number] == 1 and found.changes[number] == "4柿市"
    )
    assert shown(found.lines[1], found.changes[wrong]) == "认真分析[柿→市]场形势"
    key = digest(found.lines[1]), "4柿市"
    mended = found.mended({key: Verdict.WRONG})
    assert mended.right.sum() == found.right.sum() + 1 + LOT, "the same line is mended wherever it was drawn"
    left = found.mended({key: Verdict.OPEN})
    assert len(left.right) == len(left.changes) == len(left.rows) == len(found.right) - 1 - LOT
    assert np.array_equal(left.right, found.right[mended.right == found.right])
    write_doubtful(found, found.right + 0.5, tmp_path / "doubtful.tsv")
    rows = (tmp_path / "doubtful.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0].split("\t") == [*COLUMNS, "probability", "text"]
    assert f"{key[0]}\t{key[1]}\t\t0.50\t认真分析[柿→市]场形势" in rows
    assert len(rows) == 1 + (~found.right).sum()


def test_the_errata_of_the_corpora_are_checked_with_all_faults(tmp_path: Path):
    assert set(read_errata().values()) == set(Verdict)
    path = tmp_path / "errata.tsv"
    good = f"{digest('一')}\t0一二 1丁七\twrong"
    path.write_text(
        "\n".join(["\t".join(COLUMNS), good, good, "xyz\t0一二\topen", f"{digest('二')}\t3一二\tmaybe"]), "utf-8"
    )
    with pytest.raises(LexiconError) as caught:
        read_errata(path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["line 3", "line 4", "line 5"]


def test_what_the_network_has_seen_and_what_not_make_up_the_corpus(tmp_path: Path):
    path = tmp_path / "text.zst"
    lines = [f"第{number}行" for number in range(40 * BLOCK)]
    path.write_bytes(zstandard.ZstdCompressor().compress("\n".join(lines).encode()))
    seen = [line for block in blocks(path) for line in block.splitlines()]
    unseen = list(unseen_lines(path))
    assert sorted(seen + unseen) == sorted(lines)
    assert 0.6 < len(seen) / len(lines) < 1


def test_nearly_half_of_the_lines_stay_clean():
    pairs = make_pairs([TEXT] * 200, 3)
    assert 60 <= sum(source == target for source, target in pairs) <= 125
    assert all(target == TEXT for _, target in pairs)


def test_only_odd_lines_are_read(tmp_path: Path):
    path = tmp_path / "pairs.tsv"
    path.write_text("一\t1\n二\t2\n三\t3\n", encoding="utf-8")
    assert read_pairs(path) == [("一", "1"), ("三", "3")]


def test_lines_are_drawn_by_the_seed(tmp_path: Path):
    path = tmp_path / "text.zst"
    lines = [f"这是第{n}行文字，写得足够长了。" for n in range(200)]
    path.write_bytes(zstandard.ZstdCompressor().compress("\n".join(lines).encode()))
    drawn = draw_lines([path], 10, 1)
    assert drawn == draw_lines([path], 10, 1)
    assert set(drawn) <= set(lines)
    assert len(drawn) == 10


def test_the_exported_trees_are_those_of_scikit_learn(tmp_path: Path):
    rng = np.random.default_rng(1)
    rows = (np.round(rng.normal(size=(2000, len(FEATURES))) * GRAIN) / GRAIN).astype(np.float32)
    right = rows[:, 0] + rows[:, 3] * rows[:, 1] > 0.2
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=12, random_state=0).fit(rows, right)
    path = tmp_path / "acceptance.json"
    path.write_bytes(orjson.dumps(export(model, FEATURES, 0.6, 0.3)))
    stored = AcceptanceModel(path)
    assert stored.threshold == 0.6
    assert np.allclose(stored.probability(rows), model.predict_proba(rows)[:, 1], atol=1e-3)


def test_consistency_counts_the_occurrences():
    assert consistency("柿场", "市场", "柿场和柿场，柿场", "市场和市场，柿场") == pytest.approx(2 / 3)
    assert consistency("甲", "乙", "丙", "丙") == 0


def test_scoring_is_strict():
    pairs = [("柿场", "市场"), ("柿场", "市场"), ("柿场", "市场"), ("好", "好"), ("好", "好")]
    assert strict(pairs, ["市场", "是场", "柿场", "好", "号"]) == Score(1, 2, 2, 2, 1)
