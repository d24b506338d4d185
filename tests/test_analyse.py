"""The analysis of a whole corpus, as ``clean`` and ``analyse`` write it: same bytes, small and odd corpora."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest
from click.testing import CliRunner

import pipeline
from pipeline.cli.main import cli
from pipeline.errors import LexiconError, QinggaoError, UsageError
from pipeline.export.schema import TABLES
from pipeline.runner import analyse_folder
from pipeline.settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SAMPLE = "护士长工作计划合集"
NUMBERS = "护理工作计划\n今年培训护士一百零五万三千人次，费用1,000.50元，满意率提高３％，按第一百二十条执行。\n"
OWN_TYPES = """\
[[type]]
id = "care"
name = "护理"
cues = ["护理", "病人", "患者"]

[[type]]
id = "learning"
name = "学习"
cues = ["学习", "培训"]
"""


def cleaned(folder: Path, texts: dict[str, str], jobs: int = 1) -> dict[str, pd.DataFrame]:
    raw, out = folder / "raw", folder / "out"
    raw.mkdir()
    for stem, text in texts.items():
        (raw / f"{stem}.txt").write_text(text, encoding="utf-8")
    pipeline.clean_folder([raw], out, jobs=jobs)
    return pipeline.load_corpus(out)


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of a folder, the time of the run and the database aside, and the database's tables as rows."""
    found = {
        p.name: p.read_bytes()
        for p in folder.iterdir()
        if p.is_file() and p.name not in {"run.json", "corpus.duckdb"} and p.name[0] != "."
    }
    with duckdb.connect(str(folder / "corpus.duckdb"), read_only=True) as connection:
        for name in TABLES:
            found[f"table {name}"] = repr(connection.table(name).fetchall()).encode()
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "out"
    pipeline.clean_folder(ROOT / "data" / "raw", out)
    return out


def test_analysing_again_gives_the_same_bytes_for_any_number_of_workers(sample: Path, tmp_path: Path):
    before = files(sample)
    assert before["corpus.csv"].count(b"\n") > 20
    for jobs in (1, 2):
        again = tmp_path / str(jobs)
        shutil.copytree(sample, again)
        analyse_folder(again, Settings(), jobs=jobs)
        assert files(again) == before


def test_rows_belong_to_plans_and_quote_their_texts(sample: Path):
    tables = pipeline.load_corpus(sample)
    plans = tables["corpus"].set_index(["doc_id", "section"])
    texts = {
        doc_id: (sample / "text" / f"{doc_id}.txt").read_text(encoding="utf-8")
        for doc_id in set(tables["corpus"].doc_id)
    }
    assert len(tables["goals"]) > 100
    for goal in tables["goals"].itertuples():
        assert texts[goal.doc_id][goal.start : goal.end] == goal.quote
        plan = plans.loc[(goal.doc_id, goal.section)]
        assert plan.start <= goal.start < goal.end <= plan.end
        assert plan.raw_start <= goal.raw_start <= goal.raw_end <= plan.raw_end
        assert goal.goal_type in plan.goal_types.split(";")
    counts = tables["goals"].groupby(["doc_id", "section"]).size()
    assert (plans.n_goals == counts.reindex(plans.index, fill_value=0)).all()
    assert tables["quality"].set_index(["doc_id", "section"]).quality.equals(plans.quality)
    assert set(tables["section_themes"].theme_id) == set(tables["themes"].theme_id)
    assert (tables["section_themes"].groupby(["doc_id", "section"]).weight.sum() < 1.001).all()


def test_the_lines_nest_outline_and_goals(sample: Path):
    lines = [json.loads(line) for line in (sample / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    tables = pipeline.load_corpus(sample)
    assert [(line["doc_id"], line["section"]) for line in lines] == list(
        zip(tables["corpus"].doc_id, tables["corpus"].section, strict=True)
    )
    assert sum(len(line["goals"]) for line in lines) == len(tables["goals"])
    assert sum(len(line["outline"]) for line in lines) == (tables["outline"].level > 0).sum()


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"one": "护士工作计划\n今年要完成培训三次。\n"},
        {"one": "护士工作计划\n今年要完成培训三次。\n", "two": "保洁工作计划\n每天清扫楼道两次，保证垃圾日产日清。\n"},
        {"word": "工作", "stops": "。。。！", "words": "篇一\n好\n篇二\n好\n"},
    ],
    ids=["none", "one", "two", "words"],
)
def test_small_corpora(texts: dict[str, str], tmp_path: Path):
    tables = cleaned(tmp_path, texts)
    assert set(tables) == set(TABLES)
    assert set(tables["corpus"].doc_id) == set(texts)
    assert len(tables["quality"]) == len(tables["corpus"])
    assert CliRunner().invoke(cli, ["analyse", str(tmp_path / "out")]).exit_code == 0


def test_of_identical_plans_one_counts(tmp_path: Path):
    text = (ROOT / "tests" / "golden" / "samples" / f"{SAMPLE}.txt").read_text(encoding="utf-8")
    tables = cleaned(tmp_path, {f"copy{number}": text for number in range(6)}, jobs=2)
    first = tables["corpus"][tables["corpus"].doc_id == "copy0"]
    assert (first.duplicate_of == "").all()
    assert (tables["corpus"].duplicate_of == "").sum() == len(first)
    assert tables["themes"].n_documents.max() == 1
    with duckdb.connect(str(tmp_path / "out" / "corpus.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM plans").fetchall() == [(len(first),)]
        distinct = connection.execute("SELECT count(*) FROM distinct_goals").fetchall()[0][0]
    assert distinct == len(tables["goals"]) / 6


def test_figures_in_any_digits(tmp_path: Path):
    goals = cleaned(tmp_path, {"n": NUMBERS})["goals"]
    assert goals.value_base.dropna().tolist() == [1_053_000, 1000.5, 0.03]
    assert goals.value.tolist() == ["105.3", "1000.50", "3"]


def test_a_taxonomy_of_ones_own(sample: Path, tmp_path: Path):
    own, out = tmp_path / "own.toml", tmp_path / "out"
    own.write_text(OWN_TYPES, encoding="utf-8")
    shutil.copytree(sample, out)
    done = CliRunner().invoke(cli, ["analyse", str(out), "--goal-types", str(own)])
    assert done.exit_code == 0, done.output
    goals = pipeline.load_corpus(out)["goals"]
    assert set(goals.goal_type) == {"care", "learning"}
    assert files(out)["edits.csv"] == files(sample)["edits.csv"]
    before, after = (json.loads((place / "manifest.json").read_text(encoding="utf-8")) for place in (sample, out))
    assert before["analysis"] != after["analysis"]
    assert before["fingerprints"] == after["fingerprints"]  # no document is cleaned again for it


def test_a_faulty_taxonomy_is_refused_with_all_its_faults_before_anything_is_written(sample: Path, tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text(OWN_TYPES + OWN_TYPES.replace("name", "title"), encoding="utf-8")
    before = files(sample)
    with pytest.raises(LexiconError) as raised:
        CliRunner().invoke(cli, ["analyse", str(sample), "--goal-types", str(own)], catch_exceptions=False)
    assert "title" in str(raised.value)
    assert "care" in str(raised.value)
    assert files(sample) == before


def test_a_folder_of_an_older_form_is_brought_up_by_analyse(sample: Path, tmp_path: Path):
    old = tmp_path / "old"
    shutil.copytree(sample, old)
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    del manifest["schema"]
    (old / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in ("goals", "themes", "section_themes", "duplicates", "quality"):
        (old / f"{name}.csv").unlink()
        (old / f"{name}.parquet").unlink()
    with pytest.raises(UsageError, match=r"goals.csv.*run qinggao"):
        pipeline.load_corpus(old)
    analyse_folder(old, Settings())
    assert files(old) == files(sample)


def test_a_changed_text_is_not_analysed(sample: Path, tmp_path: Path):
    out = tmp_path / "out"
    shutil.copytree(sample, out)
    (out / "text" / f"{SAMPLE}.txt").write_text("别的", encoding="utf-8")
    with pytest.raises(QinggaoError, match="were changed"):
        analyse_folder(out, Settings())
