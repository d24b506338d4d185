"""Quality and speed of restoring what a spinner and its sites did to the words: synonyms, masks, marks, junk.

usage: bench_restore.py [--json] [--show] [--only without with]

Three kinds of text: the real document with its gold, the samples whose truth the damage generator knows exactly, and
clean text, in which nothing may be changed. All go through ``qinggao clean``, the samples and the marks of the real
document with ``--no-packs``; without the network and with it. The gold and the clean news are not part of the project;
they lie in ``../shared``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks import bench_correct
from pipeline import route
from pipeline.corpus import load_document
from pipeline.engines import rare_collection
from pipeline.knowledge import Knowledge
from pipeline.model import Document
from pipeline.settings import Settings
from pipeline.ways import alone
from tests.damage.bulk import compile_document, take_apart
from tests.damage.generator import damage
from tests.damage.samples import RECIPES, SPUN, SPUN_RECIPES, clean_file, make
from tests.damage.spinning import BLANK, synonym_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.model import LoggedEdit
    from tests.damage.canvas import Damaged, Injury
    from tests.damage.samples import Recipe

    Figures = dict[str, float]

ROOT = bench_correct.ROOT
SHARED = bench_correct.SHARED
GOLD = SHARED / "gold"
NEWS = SHARED / "bench" / "fpr_rmrb.tsv"
NEGATIVE = ROOT / "tests" / "cases" / "negative"
LINES = 234  # of the real document that have gold
LINES_PER_DOCUMENT = 50
DRAWS = 5  # of the spun samples: each has its own words, marks and places
MODES = ("without", "with")
"""Columns of the table: the network left out, and asked as it is by default where it is installed."""
STAGES = ("despin", "unmask")
TAKEN = frozenset({"watermark", "noise"})
RESTORED = TAKEN | {"synonym", "mask"}
SIGNED = frozenset({"intro", "footer", "mark_lines", "mark_ends", "mark_headings", "mark_cuts", "notices"})
ROUNDS, DOCUMENTS, CHARS = 5, 8, 10_000
CONTEXT = 8  # characters beside a fault that is shown
HAN = re.compile("[\u4e00-\u9fff]+")


def digest() -> str:
    """Return one digest of all evaluation data: gold, news, and the clean texts of the spun samples."""
    total = hashlib.sha256(bench_correct.digest().encode())
    for path in sorted(SPUN.glob("*.txt")):
        total.update(path.read_bytes())
    return total.hexdigest()


def cleaned(inputs: dict[str, bytes], *flags: str) -> dict[str, Document]:
    """Return the documents that ``qinggao clean`` makes of one folder with these files, by stem."""
    with tempfile.TemporaryDirectory() as place:
        source, out = Path(place) / "in", Path(place) / "out"
        source.mkdir()
        for stem, data in inputs.items():
            (source / f"{stem}.txt").write_bytes(data)
        _run(source, out, *flags)
        return {stem: load_document(out, f"{stem}.txt") for stem in inputs}


def _run(source: Path, out: Path, *flags: str) -> None:
    options = ["--out", str(out), "--jobs", "1", "--no-analysis", *flags]
    command = [*bench_correct.COMMAND, "clean", str(source), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"qinggao clean failed, so that there is nothing to measure: {done.stderr.strip()}")


# --- the real document ---


def real_document(*flags: str) -> Figures:
    """Return the figures of plans 1-5, by the scorer that lies with the gold; marks and junk with packs off."""
    with tempfile.TemporaryDirectory() as place:
        with_packs, without = Path(place) / "packs", Path(place) / "none"
        _run(SHARED / "raw", with_packs, *flags)
        _run(SHARED / "raw", without, "--no-packs", *flags)
        score, bare = _scored(with_packs), _scored(without)
        figures = {
            "synonyms P": score["synonym"]["P"],
            "synonyms R": score["synonym"]["R"],
            "masks right": _share(score["mask"], "right"),
            "masks wrong": _share(score["mask"], "wrong"),
            "masks of": score["mask"]["of"],
        }
        for kind, name in (("watermark", "marks"), ("noise", "junk")):
            figures[f"{name} right, no packs"] = _share(bare[kind], "right")
            figures[f"{name} wrong, no packs"] = _share(bare[kind], "wrong")
        return figures | {"content lost": lost_of_gold(with_packs), "content lost, no packs": lost_of_gold(without)}


def _scored(out: Path) -> dict[str, Any]:
    command = [sys.executable, str(GOLD / "score.py"), str(out), "--json"]
    scored: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return scored


def _share(row: dict[str, int], which: str) -> float:
    return row[which] / max(1, row["of"])


def lost_of_gold(out: Path) -> int:
    """Return how many characters, blanks aside, edits of marks and junk cover that no row of the gold names."""
    text = next((SHARED / "raw").glob("*.txt")).read_text(encoding="utf-8")
    lines = text.split("\n")
    starts = [0, *np.cumsum([len(line) + 1 for line in lines]).tolist()]
    named: set[int] = set()
    with (GOLD / "damage.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, dialect="excel-tab", quoting=csv.QUOTE_NONE):
            at = starts[int(row["line"]) - 1] + int(row["col"])
            named.update(range(at, at + len(row["wrong"])))
    covered: set[int] = set()
    with (out / "edits.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] in TAKEN and row["applied"].lower() in {"true", "1"}:
                covered.update(range(int(row["raw_start"]), int(row["raw_end"])))
    return sum(at < starts[LINES] and not text[at].isspace() for at in covered - named)


# --- samples with exact truth ---


class Region(NamedTuple):
    """A stretch of the damaged text, grown to whole injuries, and what stood there."""

    start: int
    end: int
    right: str


class Sample:
    """A damaged sample with its truth, and what became of it."""

    def __init__(self, damaged: Damaged, document: Document) -> None:
        if document.source_text != damaged.text:
            raise ValueError(f"{document.source}: was decoded to another text than the sample's")
        self.damaged, self.document = damaged, document
        self._ends = [injury.offset + len(injury.damaged) for injury in damaged.injuries]
        self.edits = [row for row in document.edits if row.applied and row.edit.kind in RESTORED]

    def touched(self, start: int, end: int) -> Iterator[Injury]:
        """Yield the injuries that share a character with a stretch, or lie within it."""
        injuries = self.damaged.injuries
        for injury in injuries[bisect_left(self._ends, start) :]:
            if injury.offset >= end:
                return
            if injury.offset + len(injury.damaged) > start or (not injury.damaged and injury.offset > start):
                yield injury

    def region(self, start: int, end: int) -> Region:
        """Return the stretch with the truth about it."""
        injuries = list(self.touched(start, end))
        for injury in injuries:
            start, end = min(start, injury.offset), max(end, injury.offset + len(injury.damaged))
        pieces, at = [], start
        for injury in injuries:
            pieces += [self.damaged.text[at : injury.offset], injury.right]
            at = injury.offset + len(injury.damaged)
        return Region(start, end, "".join([*pieces, self.damaged.text[at:end]]))

    def output(self, start: int, end: int) -> str:
        """Return what stands in the clean text for a stretch of the damaged one."""
        low, high = self.document.to_text(np.array([start]), np.array([end]))
        return self.document.text[int(low[0]) : int(high[0])]

    def is_right(self, start: int, end: int) -> bool:
        """Whether a stretch came out as it should."""
        region = self.region(start, end)
        return self.output(region.start, region.end) == region.right

    def line(self, what: str, start: int, end: int, output: str, right: str) -> str:
        """Return one line about a place for a person to read."""
        text = self.damaged.text
        around = f"{text[max(0, start - CONTEXT) : start]}[{text[start:end]}]{text[end : end + CONTEXT]}"
        return f"{self.document.source}\t{what}\t{around!r}\t{output!r} for {right!r}"

    def by(self, *kinds: str) -> list[LoggedEdit]:
        """Return the applied edits of some kinds."""
        return [row for row in self.edits if row.edit.kind in kinds]

    def injuries(self, *causes: str) -> list[Injury]:
        """Return the injuries of some causes."""
        return [injury for injury in self.damaged.injuries if injury.cause in causes]

    def foreign(self) -> set[int]:
        """Return the places of all characters that do not belong to the text, blanks aside."""
        return {at for injury in self.damaged.injuries if not injury.right for at in _places(injury, self.damaged.text)}

    def blanks(self) -> Iterator[tuple[int, int]]:
        """Yield where the damaged text holds blanks that were there before."""
        shift, injuries = 0, iter(self.damaged.injuries)
        following = next(injuries, None)
        for match in BLANK.finditer(self.damaged.original):
            while following and following.offset - shift < match.start() + (not following.right):
                shift += len(following.damaged) - len(following.right)
                following = next(injuries, None)
            yield match.start() + shift, match.end() + shift


def _places(injury: Injury, text: str) -> Iterator[int]:
    for at in range(injury.offset, injury.offset + len(injury.damaged)):
        if not text[at].isspace():
            yield at


def sample_counts(sample: Sample) -> Counter[str]:
    """Return what there is to count in one sample."""
    counts: Counter[str] = Counter()
    for count in (_count_synonyms, _count_masks, _count_removals):
        counts.update(count(sample))
    return counts


def _count_synonyms(sample: Sample) -> Counter[str]:
    """Count restored places for recall, changed ones for precision; what is no synonym counts against the known."""
    counts: Counter[str] = Counter()
    seen = set(synonym_rows("seen"))
    for injury in sample.injuries("synonyms", "synonyms_unseen"):
        right = sample.is_right(injury.offset, injury.offset + len(injury.damaged))
        names = ["known" if injury.cause == "synonyms" else "unseen"]
        names += ["seen"] if (injury.damaged, injury.right) in seen else []
        counts.update(f"{name} all" for name in names)
        counts.update(f"{name} right" for name in names if right)
    places: dict[tuple[int, int], str] = {}
    for row in sample.by("synonym"):
        causes = {injury.cause for injury in sample.touched(row.raw_start, row.raw_end)}
        region = sample.region(row.raw_start, row.raw_end)
        places[region.start, region.end] = "unseen" if "synonyms_unseen" in causes else "known"
    for (start, end), name in places.items():
        counts[f"{name} changed"] += 1
        counts[f"{name} changed rightly"] += sample.is_right(start, end)
    return counts


def _count_masks(sample: Sample) -> Counter[str]:
    counts: Counter[str] = Counter()
    filled = [(row.raw_start, row.raw_end) for row in sample.by("mask")]
    for injury in sample.injuries("masks"):
        start, end = injury.offset, injury.offset + len(injury.damaged)
        if sample.is_right(start, end):
            counts["masks right"] += 1
        elif sample.output(start, end) == injury.damaged and not any(a < end and start < b for a, b in filled):
            counts["masks left"] += 1
        else:
            counts["masks wrong"] += 1
    for start, end in sample.blanks():
        counts["blanks all"] += 1
        counts["blanks touched"] += not sample.is_right(start, end)
    return counts


def _count_removals(sample: Sample) -> Counter[str]:
    """Count the removed characters of site marks, the repaired places of junk, and removed characters of the text."""
    counts: Counter[str] = Counter()
    removed = {at for row in sample.by(*TAKEN) for at in range(row.raw_start, row.raw_end)}
    for injury in sample.injuries(*SIGNED):
        places = set(_places(injury, sample.damaged.text))
        counts["marks all"] += len(places)
        counts["marks removed"] += len(places & removed)
    for injury in sample.injuries("junk", "signatures"):
        counts["junk all"] += 1
        counts["junk repaired"] += not sample.output(injury.offset, injury.offset + len(injury.damaged)).strip()
    for injury in sample.injuries("insertions"):
        counts["insertions all"] += 1
        counts["insertions repaired"] += sample.is_right(injury.offset - 1, injury.offset + 2)
    foreign = sample.foreign()
    for row in sample.by(*TAKEN):
        own = set(range(row.raw_start, row.raw_end)) - foreign
        counts[f"{_account(row)} lost"] += sum(not sample.damaged.text[at].isspace() for at in own)
    return counts


def _account(row: LoggedEdit) -> str:
    """Return what an edit that removes something was to remove."""
    if row.edit.kind == "watermark":
        return "marks"
    return "insertions" if HAN.fullmatch(row.edit.before) else "junk"


def samples(*flags: str) -> Iterator[Sample]:
    """Yield all samples as cleaned together with packs off, and the spun ones in further draws, each draw by itself."""
    yield from _cleaned_together((*RECIPES, *SPUN_RECIPES), 0, *flags)
    for draw in range(1, DRAWS):
        yield from _cleaned_together(SPUN_RECIPES, draw, *flags)


def _cleaned_together(recipes: Iterable[Recipe], draw: int, *flags: str) -> Iterator[Sample]:
    damaged = {clean_file(recipe).stem: make(replace(recipe, seed=recipe.seed + draw)) for recipe in recipes}
    documents = cleaned({stem: sample.data for stem, sample in damaged.items()}, "--no-packs", *flags)
    for stem, sample in damaged.items():
        yield Sample(sample, documents[stem])


def exact(found: Iterable[Sample]) -> Figures:
    """Return the figures of samples."""
    counts: Counter[str] = Counter()
    for sample in found:
        counts.update(sample_counts(sample))
    masks = counts["masks right"] + counts["masks left"] + counts["masks wrong"]

    def part(some: str, whole: str) -> float:
        return counts[some] / max(1, counts[whole])

    figures: Figures = {}
    for name in ("known", "unseen"):
        # Where nothing was changed there is no precision: 1, for nothing is wrong.
        figures[f"synonyms P, {name} pairs"] = part(f"{name} changed rightly", f"{name} changed") or float(
            not counts[f"{name} changed"]
        )
        figures[f"synonyms R, {name} pairs"] = part(f"{name} right", f"{name} all")
        figures[f"synonyms, {name} pairs of"] = counts[f"{name} all"]
    # Pairs that the real spinner is known to use; precision cannot be told apart.
    figures["synonyms R, known pairs of the real document"] = part("seen right", "seen all")
    figures["synonyms, known pairs of the real document of"] = counts["seen all"]
    for outcome in ("right", "wrong", "left"):
        figures[f"masks {outcome}"] = counts[f"masks {outcome}"] / max(1, masks)
    figures |= {"masks of": masks, "blanks touched": counts["blanks touched"], "blanks of": counts["blanks all"]}
    figures |= {"insertions repaired": part("insertions repaired", "insertions all")}
    figures |= {"insertions of": counts["insertions all"], "content lost by insertions": counts["insertions lost"]}
    figures |= {"marks removed": part("marks removed", "marks all"), "content lost by marks": counts["marks lost"]}
    figures |= {"junk repaired": part("junk repaired", "junk all"), "content lost by junk": counts["junk lost"]}
    return figures


def faults(sample: Sample) -> Iterator[str]:
    """Yield what went wrong in a sample, a line each: what, where, and what came out instead of what was right."""
    counted = {"synonyms", "synonyms_unseen", "masks", "junk", "signatures", "insertions", *SIGNED}
    for injury in sample.injuries(*counted):
        start, end = injury.offset, injury.offset + len(injury.damaged)
        output = sample.output(start, end)
        if output.strip() != injury.right:
            yield sample.line(f"{injury.cause} missed", start, end, output, injury.right)
    foreign = sample.foreign()
    for row in sample.edits:
        start, end = row.raw_start, row.raw_end
        if row.edit.kind in TAKEN:
            if any(at not in foreign and not sample.damaged.text[at].isspace() for at in range(start, end)):
                yield sample.line(f"{_account(row)} lost content ({row.edit.rule})", start, end, "", row.edit.before)
        elif not sample.is_right(start, end):
            region = sample.region(start, end)
            output = sample.output(region.start, region.end)
            yield sample.line(
                f"{row.edit.kind} false ({row.edit.rule})", region.start, region.end, output, region.right
            )


# --- clean text ---


def clean_corpora() -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the lines of clean corpora: all in one document, and fifty a document."""
    news = [line.rpartition("\t")[2] for line in NEWS.read_text(encoding="utf-8").splitlines()]
    cases = [
        line
        for path in sorted(NEGATIVE.glob("*.jsonl"))
        for case in path.read_text(encoding="utf-8").splitlines()
        for line in json.loads(case)["text"].split("\n")
        if line
    ]
    for name, lines in (("fpr_rmrb", news), ("negative cases", cases)):
        yield f"{name}, one document", [lines]
        starts = range(0, len(lines), LINES_PER_DOCUMENT)
        yield f"{name}, {LINES_PER_DOCUMENT} lines a document", [lines[at : at + LINES_PER_DOCUMENT] for at in starts]


def clean_text(*flags: str) -> Figures:
    """Return the share of sentences that edits of synonyms, masks, marks and junk touch."""
    figures = {}
    for name, corpus in clean_corpora():
        changed = sum(len(changed_lines(document)) for document in as_cleaned(corpus, *flags))
        figures[name] = changed / sum(map(len, corpus))
    return figures


def as_cleaned(corpus: list[list[str]], *flags: str) -> Iterable[Document]:
    """Return the documents of one corpus as cleaned together."""
    sources = {f"{n:04}": ("\n".join(lines) + "\n").encode() for n, lines in enumerate(corpus)}
    return cleaned(sources, *flags).values()


def restorations(document: Document) -> list[LoggedEdit]:
    """Return the applied edits of synonyms, masks, marks and junk."""
    return [row for row in document.edits if row.applied and (row.edit.kind in RESTORED or row.stage in STAGES)]


def changed_lines(document: Document) -> set[int]:
    """Return the numbers of the lines of the source text that such edits touch."""
    breaks = [at for at, char in enumerate(document.source_text) if char == "\n"]
    return {
        line
        for row in restorations(document)
        for line in range(
            bisect_left(breaks, row.raw_start), bisect_left(breaks, max(row.raw_start, row.raw_end - 1)) + 1
        )
    }


# --- speed ---


def speed(mode: str) -> dict[str, float | None]:
    """Return characters per second of each stage and of both on one core over spun text; None without the stage.

    Documents of about 10,000 characters of the spun samples' paragraphs, as they come to the stage. Processor time;
    the best of several rounds.
    """
    present = [stage for stage in STAGES if stage in route.TEXT_STAGES]
    speeds: dict[str, float | None] = dict.fromkeys((*STAGES, "both"))
    if not present:
        return speeds
    knowledge = Knowledge(Settings(neural=mode != "without"))
    with rare_collection():
        ready = {stage: [ready_for(stage, text, knowledge) for text in spun_texts()] for stage in present}
        rounds = [Knowledge(knowledge.settings) for _ in range(ROUNDS)]  # each remembers nothing of the others
        for fresh in rounds:
            fresh.check()
        best = {stage: min(_seconds(stage, ready[stage], fresh) for fresh in rounds) for stage in present}
    chars = {stage: sum(len(document.text) for document in ready[stage]) for stage in present}
    speeds |= {stage: chars[stage] / best[stage] for stage in present}
    if len(present) == len(STAGES):
        speeds["both"] = max(chars.values()) / sum(best.values())
    return speeds


def spun_texts() -> Iterator[str]:
    """Yield spun documents: the samples' paragraphs in new orders."""
    for number in range(DOCUMENTS):
        recipe = SPUN_RECIPES[number % (len(SPUN_RECIPES) - 1)]  # the last one is not spun
        source = take_apart(clean_file(recipe).read_text(encoding="utf-8"))
        document = compile_document(source, Random(f"restore {number}"), CHARS)
        yield damage(document, recipe.plan, number).text.replace("\r\n", "\n")


def ready_for(stage: str, text: str, knowledge: Knowledge) -> Document:
    """Return a document taken through the stages before this one."""
    document = Document("spun", "spun", text)
    for before in route.TEXT_STAGES:
        if before == stage:
            break
        alone(route.revising(document, before, knowledge))
    return document


def _seconds(stage: str, documents: Iterable[Document], knowledge: Knowledge) -> float:
    began = time.process_time()
    for document in documents:
        for propose in route.TEXT_STAGES[stage]:
            for _ in propose(document, knowledge):
                pass
    return max(time.process_time() - began, 1e-9)


# --- all ---


def quality(mode: str) -> dict[str, Figures]:
    """Return the figures of the real document, the samples and clean text."""
    flags = bench_correct.FLAGS[mode]
    return {
        "real document": real_document(*flags),
        "samples": exact(samples(*flags)),
        "clean text": clean_text(*flags),
    }


def all_faults(*flags: str) -> Iterator[str]:
    """Yield what went wrong in the samples and what was changed in clean text, a line each."""
    for sample in samples(*flags):
        yield from faults(sample)
    for name, corpus in clean_corpora():
        for document in as_cleaned(corpus, *flags):
            text = document.source_text
            for _, edit, start, end, _ in (row[:5] for row in restorations(document)):
                around = f"{text[max(0, start - CONTEXT) : start]}[{text[start:end]}]{text[end : end + CONTEXT]}"
                yield f"{name}\t{edit.kind} in clean text ({edit.rule})\t{around!r}\t{edit.after!r}"


def shown(name: str, value: float | None) -> str:
    """Return a figure as it stands in the table: a count, a share, a speed, or a dash."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:,.0f}" if value > 1 or name in {*STAGES, "both"} else f"{value:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--show", action="store_true", help="only list what went wrong")
    parser.add_argument("--only", nargs="+", choices=MODES, default=list(MODES), help="columns to measure")
    given = parser.parse_args()
    if not GOLD.is_dir() or not NEWS.exists():
        sys.exit("the gold and the clean news lie beside the checkout in ../shared, which is not here")
    if given.show:
        print("\n".join(all_faults(*bench_correct.FLAGS[given.only[-1]])))
        return
    figures = {mode: {**quality(mode), "characters/s on one core": speed(mode)} for mode in given.only}
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    print(f"{'':<48}" + "".join(f" {mode:>10}" for mode in given.only))
    for title, rows in figures[given.only[0]].items():
        print(f"{title}")
        for name in rows:
            print(f"  {name:<46}" + "".join(f" {shown(name, figures[mode][title][name]):>10}" for mode in given.only))
    print(f"evaluation data {digest()[:12]}")


if __name__ == "__main__":
    main()
