"""Themes: what of the gold they name, whether planted topics are found again, time and memory.

usage: bench_themes.py [--json] [--show] [--clean DIR] [--plans N]

Gold (``../shared/gold/themes.tsv``, plans 1-5 of the real document): a theme counts as named when one of the plan's
five names shares with it a word that tells plans apart (one that stands in no more than half of the plans of the
document), or two different words. ``one to one``: the same, but a name may stand for one theme only. ``by any word``:
one shared word is enough, whatever it is (stop words aside). ``names of another plan``: the same with the names of
the next plan, as a floor of chance.

Own plans (``tests/cases/analysis/themes.toml``): the same matching on plans of other professions, whose themes were
written down before any name was computed; some of them were held out while the method was made.

Planted topics: plans of paragraphs from ``../shared/corpora`` that hold a topic's word; each plan has a main topic
(three paragraphs of four) and one or no second one.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import normalized_mutual_info_score

from benchmarks import bench_correct
from benchmarks.themed_plans import all_plans, themed_plans
from pipeline.analysis.terms import tokeniser
from pipeline.analysis.themes import Plan, Themes, find_themes
from pipeline.corpus import load_corpus
from pipeline.lexicons.plan_words import load_plan_words
from training.corpus import read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARED = bench_correct.SHARED
GOLD = SHARED / "gold" / "themes.tsv"
CORPORA = (SHARED / "corpora" / "formal_zh.txt.zst", SHARED / "corpora" / "broad_zh.txt.zst")
TOPICS = (
    "垃圾分类",
    "养老服务",
    "知识产权",
    "食品安全",
    "乡村振兴",
    "职业教育",
    "医疗保险",
    "房地产",
    "新能源汽车",
    "人工智能",
    "文物保护",
    "森林防火",
    "跨境电商",
    "反腐败",
    "高考",
    "足球",
    "地震",
    "芯片",
    "旅游",
    "粮食",
    "税收",
    "法院",
    "航天",
    "疫苗",
)
PARAGRAPHS = 4
SEED = 7


# --- gold ---


def gold_themes() -> list[list[str]]:
    """Return the themes of each plan that has gold."""
    with GOLD.open(encoding="utf-8", newline="") as stream:
        return [row["themes"].split(";") for row in csv.DictReader(stream, dialect="excel-tab")]


def words_of(text: str) -> set[str]:
    """Return the words of a theme or a name that are no stop words, and what is written in Latin letters."""
    stop = load_plan_words().stop
    words = {word for word in tokeniser().words(text) if len(word) > 1 and word not in stop and word.strip()}
    return {word for word in words if re.fullmatch(r"[\u4e00-\u9fff]+|[A-Za-z]+", word)}


def dull_words(plans: Sequence[Plan]) -> set[str]:
    """Return the words that stand in more than half of the plans."""
    spread = Counter(word for plan in plans for word in words_of(plan.text))
    return {word for word, count in spread.items() if count > len(plans) / 2}


def table(
    gold: Sequence[Sequence[str]], names: Sequence[Sequence[str]], dull: set[str]
) -> list[list[tuple[str, list[int]]]]:
    """Return for each plan its themes with the places of the names that name them."""
    result = []
    for themes, labels in zip(gold, names, strict=True):
        shared = [[words_of(theme) & words_of(label) for label in labels] for theme in themes]
        rows = [[at for at, words in enumerate(row) if words - dull or len(words) > 1] for row in shared]
        result.append(list(zip(themes, rows, strict=True)))
    return result


def shares(found: list[list[tuple[str, list[int]]]]) -> tuple[float, float]:
    """Return the share of the themes that are named, and that are named one to one."""
    named = matched = total = 0
    for rows in found:
        total += len(rows)
        named += sum(bool(places) for _, places in rows)
        grid = np.zeros((len(rows), 1 + max((at for _, places in rows for at in places), default=0)))
        for row, (_, places) in enumerate(rows):
            grid[row, places] = 1
        matched += int(grid[linear_sum_assignment(-grid)].sum())
    return named / total, matched / total


def clean_real(out: Path) -> None:
    command = [*bench_correct.COMMAND, "clean", str(SHARED / "raw"), "--out", str(out), "--jobs", "1"]
    subprocess.run(command, check=True, capture_output=True)


def on_gold(out: Path, *, show: bool) -> dict[str, float]:
    """Return the shares of gold themes that the column ``themes`` of a clean folder names; ``show`` prints by what."""
    corpus, gold = load_corpus(out)["corpus"], gold_themes()
    plans = [Plan(row.doc_id, row.section, row.title, row.text) for row in corpus.itertuples()]
    names = [tuple(row.split(";")) for row in corpus.themes[: len(gold)]]
    other, dull = [*names[1:], names[0]], dull_words(plans)
    found = table(gold, names, dull)
    if show:
        show_rows(found, names)
    named, matched = shares(found)
    loose, loose_other = (shares(table(gold, some, set()))[0] for some in (names, other))
    taught, alone = find_themes(plans).names[: len(gold)], [find_themes([one]).names[0] for one in plans[: len(gold)]]
    return {
        "gold themes": sum(map(len, gold)),
        "named": named,
        "named one to one": matched,
        "named by the names of another plan": shares(table(gold, other, dull))[0],
        "named by any word": loose,
        "named by any word of another plan's names": loose_other,
        "named, copies taught from too": shares(table(gold, taught, dull))[0],
        "named, each plan a corpus of its own": shares(table(gold, alone, dull))[0],
        "characters of a name": float(np.mean([len(name) for row in names for name in row])),
    }


def on_own(*, show: bool) -> dict[str, float]:
    """Return the shares of the themes named in plans of other professions, held out and not."""
    themed, plans = themed_plans(), all_plans()
    dull, names = dull_words(plans), find_themes(plans).names[: len(themed)]
    figures: dict[str, float] = {}
    for title, held in (("seen", False), ("held out", True)):
        at = [number for number, one in enumerate(themed) if one.held is held]
        gold, own = [themed[number].themes for number in at], [names[number] for number in at]
        other = [*own[1:], own[0]]
        found = table(gold, own, dull)
        if show:
            show_rows(found, own)
        figures[f"{title}: themes"] = sum(map(len, gold))
        figures[f"{title}: named"], figures[f"{title}: one to one"] = shares(found)
        figures[f"{title}: named by any word"] = shares(table(gold, own, set()))[0]
        figures[f"{title}: by the names of another plan"] = shares(table(gold, other, dull))[0]
        figures[f"{title}: characters of a name"] = float(np.mean([len(name) for row in own for name in row]))
    return figures


def show_rows(found: Sequence[list[tuple[str, list[int]]]], names: Sequence[Sequence[str]]) -> None:
    """Print the names of each plan, and what named each theme."""
    for number, rows in enumerate(found):
        print(f"plan {number + 1}: {'; '.join(names[number])}")
        for theme, places in rows:
            print(f"  {theme}: {', '.join(names[number][at] for at in places) or '-'}")


# --- planted topics ---


def planted(number: int) -> tuple[list[Plan], list[int]]:
    """Return plans of paragraphs that hold a topic's word, and the main topic of each."""
    draw = Random(SEED)
    pools: list[list[str]] = [[] for _ in TOPICS]
    for path in CORPORA:
        for line in read_lines(path):
            if 60 <= len(line) <= 400:
                for at, topic in enumerate(TOPICS):
                    if topic in line:
                        pools[at].append(line)
    plans, truth = [], []
    for at in range(number):
        main, other = draw.sample(range(len(TOPICS)), 2)
        second = other if draw.random() < 0.5 else main
        lines = [draw.choice(pools[main]) for _ in range(PARAGRAPHS - 1)] + [draw.choice(pools[second])]
        plans.append(Plan(f"d{at // 10:05}", at % 10 + 1, f"工作计划{at % 10 + 1}", "\n".join(lines)))
        truth.append(main)
    return plans, truth


def on_planted(number: int, *, show: bool) -> dict[str, float]:
    """Return how well planted topics are found again, seconds, and peak memory."""
    plans, truth = planted(number)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.perf_counter(), time.process_time()
    themes = find_themes(plans)
    wall, used = time.perf_counter() - began, time.process_time() - used
    if show:
        for theme in themes.themes:
            print(f"  {theme.theme_id} {theme.label} {theme.n_sections}: {'; '.join(theme.terms)}")
    return {
        "plans": number,
        "characters": sum(len(plan.text) for plan in plans),
        "topics planted": len(TOPICS),
        "themes found": len(themes.themes),
        "agreement with the main topic (NMI)": recovery(themes, truth),
        "topics whose word leads a theme": led(themes),
        "seconds": wall,
        "seconds of processor time": used,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "peak memory before, MB": before / 1024,
    }


def recovery(themes: Themes, truth: Sequence[int]) -> float:
    """Return the normalised mutual information of strongest theme and main topic."""
    return float(normalized_mutual_info_score(truth, themes.weights.argmax(axis=1)))


def led(themes: Themes) -> float:
    """Return the share of the topics whose word is, or is part of, one of the first three terms of a theme."""
    leading = {term for theme in themes.themes for term in (theme.label, *theme.terms[:3])}
    return sum(any(topic in term or term in topic for term in leading) for topic in TOPICS) / len(TOPICS)


def digest() -> str:
    """Return the digest of the gold."""
    return hashlib.sha256(GOLD.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--show", action="store_true", help="print what named each theme, and the themes found")
    parser.add_argument("--clean", type=Path, help="the real document as cleaned before; else it is cleaned first")
    parser.add_argument("--plans", type=int, default=10_000, help="plans with planted topics, 0 for none")
    given = parser.parse_args()
    if not GOLD.exists():
        sys.exit("the gold lies beside the checkout in ../shared, which is not here")
    with tempfile.TemporaryDirectory() as place:
        out = given.clean or Path(place)
        if given.clean is None:
            clean_real(out)
        figures: dict[str, dict[str, Any]] = {"gold": on_gold(out, show=given.show)}
    figures["own plans"] = on_own(show=given.show)
    if given.plans:
        figures["planted topics"] = on_planted(given.plans, show=given.show)
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    for title, rows in figures.items():
        print(title)
        for name, value in rows.items():
            print(f"  {name:<46} {value:>12,.3f}" if isinstance(value, float) else f"  {name:<46} {value:>12,}")
    print(f"evaluation data {digest()[:12]}")


if __name__ == "__main__":
    main()
