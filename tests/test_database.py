"""The database: every table and view is documented as it is, every query of the page runs, views hold what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

import pipeline
from pipeline.export.schema import TABLES
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^### (\d+\. [^\n]+)\n(.*?)```sql\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
PLAN = ["doc_id", "section"]
AS_IN = {"plans": "corpus", "distinct_goals": "goals"}  # views that have the columns of a table
MAY_BE_EMPTY = {"value_base"}


def documented() -> dict[str, dict[str, str]]:
    """Return table or view → column → type, as the page says."""
    found: dict[str, dict[str, str]] = {}
    for name, body in re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL):
        columns: dict[str, str] = {}
        for cells, types in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([A-Z, ]+) \|", body, re.MULTILINE):
            names, kinds = re.findall(r"`(\w+)`", cells), types.split(", ")
            columns |= dict(zip(names, kinds * len(names) if len(kinds) == 1 else kinds, strict=len(kinds) > 1))
        found[name] = columns
    return {name: found[AS_IN[name]] | columns if name in AS_IN else columns for name, columns in found.items()}


@pytest.fixture(scope="module")
def database(sample_corpus: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sample_corpus / "corpus.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def tables(sample_corpus: Path) -> dict[str, pd.DataFrame]:
    return pipeline.load_corpus(sample_corpus)


@pytest.fixture(scope="module")
def counted(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Goals of plans that are no copies, by pandas."""
    corpus = tables["corpus"]
    return tables["goals"].merge(corpus.loc[corpus["duplicate_of"] == "", PLAN], on=PLAN)


def rows(database: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return database.execute(query).df()


def test_every_table_and_view_is_documented_as_it_is(database: duckdb.DuckDBPyConnection):
    cells = database.execute("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal")
    actual: dict[str, dict[str, str]] = {}
    for table, column, kind in cells.fetchall():
        actual.setdefault(table, {})[column] = kind
    assert documented() == actual
    assert set(TABLES) < set(actual)


def test_only_what_the_page_says_is_null(database: duckdb.DuckDBPyConnection):
    for name, columns in documented().items():
        counts = ", ".join(f'count("{column}")' for column in columns)
        total, *filled = database.execute(f"SELECT count(*), {counts} FROM {name}").fetchall()[0]  # noqa: S608
        empty = {column for column, count in zip(columns, filled, strict=True) if count < total}
        assert empty <= MAY_BE_EMPTY, name


def test_there_are_ten_queries():
    assert [int(question.partition(".")[0]) for question, _, _ in QUERIES] == list(range(1, 11))


@pytest.mark.parametrize(("prose", "query"), [pytest.param(p, q, id=question) for question, p, q in QUERIES])
def test_every_query_gives_the_columns_it_names(prose: str, query: str, database: duckdb.DuckDBPyConnection):
    found = rows(database, query)
    assert list(found.columns) == re.findall(r"`(\w+)`", prose.partition("Gives")[2])
    assert len(found)
    assert not found.isna().any(axis=None)
    assert found.equals(rows(database, query))


def test_plans_hold_each_text_once(database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]):
    corpus = tables["corpus"]
    plans = rows(database, "FROM plans ORDER BY doc_id, section")
    copies = corpus[corpus["duplicate_of"] != ""]
    assert len(copies) == 1
    assert set(copies["duplicate_of"]) <= set(plans["doc_id"] + "/" + plans["section"].astype(str))
    kept = corpus[corpus["duplicate_of"] == ""].sort_values(PLAN, ignore_index=True)
    pd.testing.assert_frame_equal(plans, kept, check_dtype=False)
    one = rows(database, "FROM overview").iloc[0]
    assert (one["all_plans"], one["plans"], one["copies"]) == (len(corpus), len(kept), len(copies))
    assert (one["documents"], one["chars"]) == (corpus["doc_id"].nunique(), corpus["chars"].sum())
    assert one["edits"] + one["suggestions"] == len(tables["edits"])
    assert one["themes"] == len(tables["themes"])


def test_goals_of_copies_do_not_count(
    database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame], counted: pd.DataFrame
):
    assert len(counted) < len(tables["goals"])
    goals = rows(database, "SELECT * EXCLUDE (title) FROM distinct_goals ORDER BY doc_id, start, raw_start, value")
    wanted = counted.sort_values(["doc_id", "start", "raw_start", "value"], ignore_index=True)
    pd.testing.assert_frame_equal(goals, wanted, check_dtype=False)
    targets = rows(database, "FROM targets")
    assert len(targets) == (counted["value"] != "").sum()
    titles = tables["corpus"].set_index(PLAN)["title"]
    assert (targets["title"].to_numpy() == titles.loc[list(zip(*(targets[c] for c in PLAN), strict=True))]).all()


def test_sums_of_goals_agree(database: duckdb.DuckDBPyConnection, counted: pd.DataFrame):
    types = rows(database, "FROM goals_by_type").set_index("goal_type")
    groups = counted.groupby("goal_type")
    assert types["n_goals"].to_dict() == groups.size().to_dict()
    assert types["n_plans"].to_dict() == groups.apply(lambda one: len(one[PLAN].drop_duplicates())).to_dict()
    assert (types["planned"] + types["achieved"] == types["n_goals"]).all()
    assert types["achieved"].sum() == (counted["status"] == "achieved").sum() > 0
    assert types["with_figure"].sum() == (counted["value"] != "").sum()
    assert types["share_of_plans"].between(0, 1).all()
    periods = rows(database, "FROM goals_by_period").set_index(["period", "goal_type", "status"])
    assert periods["n_goals"].to_dict() == counted.groupby(["period", "goal_type", "status"]).size().to_dict()
    assert periods["with_figure"].sum() == types["with_figure"].sum()


def test_figures_are_in_base_units_or_null(database: duckdb.DuckDBPyConnection):
    found = database.execute(
        "SELECT value, unit, value_base, unit_base, status FROM targets WHERE doc_id LIKE '城北%' ORDER BY start"
    ).fetchall()
    assert ("4500", "万元", 45_000_000.0, "yuan", "planned") in found
    assert ("3600", "万元", 36_000_000.0, "yuan", "achieved") in found
    assert ("112", "%", 1.12, "ratio", "achieved") in found
    plain = "SELECT count(*), count(value_base) FROM goals WHERE value = ''"
    without, valued = database.execute(plain).fetchall()[0]
    assert without > 0
    assert valued == 0


def test_nothing_is_guarded(sample_corpus: Path, database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]):
    for name, schema in TABLES.items():
        order = ", ".join(f'"{column}"' for column in schema.names)
        kept = rows(database, f"FROM {name} ORDER BY {order}")
        wanted = duckdb.from_df(tables[name]).order(order).df() if len(tables[name]) else kept
        pd.testing.assert_frame_equal(kept, wanted, check_dtype=False)
    quotes = rows(database, "SELECT before FROM edits WHERE regexp_matches(before, '^[=+@-]')")
    assert len(quotes)
    assert "'=" in (sample_corpus / "edits.csv").read_text(encoding="utf-8-sig")


def test_themes_of_plans(database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]):
    found = rows(database, "FROM plan_themes")
    corpus = tables["corpus"]
    weights = tables["section_themes"].merge(corpus.loc[corpus["duplicate_of"] == "", PLAN], on=PLAN)
    assert len(found) == len(weights)
    assert found["weight"].sum() == pytest.approx(weights["weight"].sum())
    first = found[found["place"] == 1].set_index(PLAN)["weight"]
    assert first.to_dict() == weights.groupby(PLAN)["weight"].max().to_dict()


def test_shared_text_adds_up(database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]):
    found, duplicates = rows(database, "FROM shared_text"), tables["duplicates"]
    across = duplicates[
        (duplicates["a_doc"] != duplicates["b_doc"]) | (duplicates["a_section"] != duplicates["b_section"])
    ]
    assert found["n_passages"].sum() == len(across) > 0
    for side in "ab":
        assert found[f"{side}_chars"].sum() == (across[f"{side}_end"] - across[f"{side}_start"]).sum()
        assert found[f"{side}_share"].between(0, 1).all()
    assert {found["a_doc"][0], found["b_doc"][0]} == {"城北支行工作计划", "银行网点工作计划四篇"}
    assert found["b_share"][0] > 0.9


def test_every_edit_lies_in_a_plan_or_before_the_first(
    database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]
):
    found, corpus = rows(database, "FROM plan_edits"), tables["corpus"]
    assert len(found) == len(tables["edits"])
    assert (found["section"] == 0).any()
    placed = found[found["section"] > 0].merge(corpus, on=PLAN, suffixes=("", "_plan"))
    assert (placed["raw_start"] >= placed["raw_start_plan"]).all()
    assert (placed["raw_start"] <= placed["raw_end_plan"]).all()
    damage = rows(database, "FROM damage")
    assert damage["applied"].sum() == placed["applied"].sum()
    assert damage["suggested"].sum() == (~placed["applied"]).sum()
    rates = tables["quality"].set_index(PLAN)
    for row in damage.itertuples():
        assert row.per_1000 == pytest.approx(rates.loc[(row.doc_id, row.section), f"{row.kind}_per_1000"], abs=0.006)


def test_changes_add_up(database: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]):
    found, edits = rows(database, "FROM changes").set_index(["kind", "rule"]), tables["edits"]
    assert found["applied"].to_dict() == edits.groupby(["kind", "rule"])["applied"].sum().to_dict()
    assert (found["applied"] + found["suggested"]).sum() == len(edits)


def test_a_corpus_without_plans_has_the_same_tables_and_views(tmp_path: Path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "empty.txt").touch()
    pipeline.clean_folder(tmp_path / "raw", tmp_path / "out")
    with duckdb.connect(str(tmp_path / "out" / "corpus.duckdb"), read_only=True) as connection:
        for name, columns in documented().items():
            found = rows(connection, f"FROM {name}")
            assert set(found.columns) == set(columns)
            assert len(found) == (name in {"overview", "quarantined"})
