"""Quality and speed of correction: one table, at the operating point that ships as default, and the curve beside it.

usage: bench_correct.py [--json] [--only without with thorough]

Three columns: without the network, with it where the n-grams are in doubt (the default where it is installed), and
with ``--thorough``.

Needs the evaluation sets, which are not part of the project, in ``../shared``. Scoring is strict: a changed sentence
counts as right only when it equals its target. Every set goes through ``qinggao correct`` or ``qinggao clean``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.engines import rare_collection
from pipeline.knowledge import Knowledge
from pipeline.lm.corrector import Corrector
from pipeline.model import Document
from pipeline.route import cleaning
from pipeline.settings import Settings
from pipeline.ways import alone

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
SETS = ("cscd_dev_even", "ecspell_law", "ecspell_med", "fpr_rmrb")
CURVE = (0.005, 0.01, 0.03)
ROUNDS = {"without": 7, "with": 2, "thorough": 1}  # of measuring speed
WRONG = 26  # wrong characters per 1,000 in the text with typos
COMMAND = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]
MODES: dict[str, dict[str, bool]] = {"without": {"neural": False}, "with": {}, "thorough": {"thorough": True}}
"""Column of the table → the settings that it is measured with."""
FLAGS = {"without": ("--no-neural",), "with": (), "thorough": ("--thorough",)}
"""The same as flags of the commands."""
Pairs = list[tuple[str, str]]


class Score(NamedTuple):
    """Strict sentence-level counts of a set."""

    right: int
    false: int
    missed: int
    clean: int
    clean_changed: int

    def ratios(self) -> dict[str, float]:
        """Return P, R, F1 and FPR (changed clean sentences per clean sentence)."""
        precision = self.right / max(1, self.right + self.false)
        recall = self.right / max(1, self.right + self.missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return {"P": precision, "R": recall, "F1": f1, "FPR": self.clean_changed / max(1, self.clean)}


@cache
def load(name: str) -> Pairs:
    """Return the (source, target) sentences of a set; of cscd_dev the even lines, which nothing was trained on."""
    stem = name.removesuffix("_even")
    lines = (SHARED / "bench" / f"{stem}.tsv").read_text(encoding="utf-8").splitlines()
    chosen = lines[1::2] if stem != name else lines
    return [(source, target) for source, _, target in (line.partition("\t") for line in chosen)]


def digest() -> str:
    """Return one digest of all evaluation data."""
    total = hashlib.sha256()
    for path in (*sorted((SHARED / "bench").glob("*.tsv")), *sorted((SHARED / "gold").glob("*.tsv"))):
        total.update(path.read_bytes())
    return total.hexdigest()


def strict(pairs: Pairs, outputs: list[str]) -> Score:
    """Count sentences, every changed one in precision."""
    right = false = missed = clean = clean_changed = 0
    for (source, target), output in zip(pairs, outputs, strict=True):
        changed = output != source
        right += changed and output == target
        false += changed and output != target
        missed += target not in {source, output}
        clean += source == target
        clean_changed += changed and source == target
    return Score(right, false, missed, clean, clean_changed)


def corrected(pairs: Pairs, *flags: str) -> list[str]:
    """Return the sources as ``qinggao correct`` gives them."""
    text = "".join(source + "\n" for source, _ in pairs)
    done = subprocess.run([*COMMAND, "correct", *flags], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().split("\n")[:-1]


def real_document(*flags: str) -> dict[str, float]:
    """Return precision and recall of typos in plans 1–5 of the real document, by the scorer that lies with its gold."""
    with tempfile.TemporaryDirectory() as place:
        command = [*COMMAND, "clean", str(SHARED / "raw"), "--out", place, "--no-analysis", *flags]
        subprocess.run(command, check=True, capture_output=True)
        scored = subprocess.run(
            [sys.executable, str(SHARED / "gold" / "score.py"), place, "--json"], check=True, capture_output=True
        )
    typo = json.loads(scored.stdout)["typo"]
    return {"P": typo["P"], "R": typo["R"]}


def curve(mode: str) -> dict[str, dict[str, float]]:
    """Return, at thresholds where the given share of clean sentences is changed, the F1 of each set."""
    corrector = Knowledge(Settings(lexicon=False, **MODES[mode])).corrector
    found = {name: [corrector.corrections(source, 0.05) for source, _ in load(name)] for name in SETS}
    tops = sorted((max((c.probability for c in row), default=0.0) for row in found["fpr_rmrb"]), reverse=True)
    result = {}
    for share in CURVE:
        bar = tops[int(share * len(tops))] + 1e-9
        row = {"threshold": bar}
        for name in SETS[:-1]:
            outputs = [_changed(source, cs, bar) for (source, _), cs in zip(load(name), found[name], strict=True)]
            ratios = strict(load(name), outputs).ratios()
            row |= {f"{name} F1": ratios["F1"], f"{name} P": ratios["P"]}
        result[f"{100 * share:g} %"] = row
    return result


def _changed(source: str, corrections: list[Any], bar: float) -> str:
    for c in reversed(corrections):
        if c.probability >= bar:
            source = source[: c.start] + c.after + source[c.end :]
    return source


def speed(mode: str) -> dict[str, float]:
    """Return characters per second on one core, as documents of about 10,000 characters are corrected.

    ``clean`` is the news of fpr_rmrb, ``clean posts`` the targets of cscd_dev; ``typos`` the news with 2.6 wrong
    characters in 100, made by the damage of the training; ``spun, whole way`` spun plans through all stages but the
    analysis. Processor time; the best of several rounds (:data:`ROUNDS`), because the lookups wait for memory that
    other work on the machine takes.
    """
    from training.damage import Damage  # noqa: PLC0415 - needs the extra `training`

    news = [target for _, target in load("fpr_rmrb")]
    damage = Damage(seed=1)
    texts = {
        "clean": news,
        "clean posts": [target for _, target in load("cscd_dev_even")],
        "typos": [damage.line(line, max(1, round(len(line) * WRONG / 1000))) for line in news],
    }
    knowledge = Knowledge(Settings(lexicon=False, **MODES[mode]))
    best = dict.fromkeys([*texts, "spun, whole way"], 0.0)
    with rare_collection():
        for number in range(ROUNDS[mode]):
            for name, lines in texts.items():  # in turn, so that a slow moment does not fall on one of them
                best[name] = max(best[name], _speed(knowledge, lines))
            way = _whole_way(Knowledge(Settings(**MODES[mode])), number)
            best["spun, whole way"] = max(best["spun, whole way"], way)
    return best


def _speed(knowledge: Knowledge, lines: list[str]) -> float:
    acceptance = knowledge.corrector.acceptance
    corrector = Corrector(
        knowledge.corrector.proposer, knowledge.features, acceptance, knowledge.opinion
    )  # remembers nothing
    corrector.corrections("预热。", 0.5)
    began = time.process_time()
    for at in range(0, len(lines), 200):
        corrector.corrections("\n".join(lines[at : at + 200]), acceptance.suggest)
    return sum(map(len, lines)) / (time.process_time() - began)


def _whole_way(knowledge: Knowledge, seed: int) -> float:
    from benchmarks.spun_corpus import spun  # noqa: PLC0415 - what it imports imports this module

    knowledge.check()
    text = spun(seed).text
    began = time.process_time()
    alone(cleaning(Document("bench", "bench", text), knowledge, analysis=False))
    return len(text) / (time.process_time() - began)


MEMORY = """
import resource, sys, jieba, kenlm, numpy, orjson, pyarrow
from pathlib import Path
from pipeline.knowledge import Knowledge
from pipeline.engines import rare_collection
from pipeline.settings import Settings

def peak():
    status = Path("/proc/self/status")  # elsewhere the peak of the parent process may be counted
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)

before, knowledge = peak(), Knowledge(Settings())
knowledge.check()
for line in open(0, encoding="utf-8").read().split("\\n"):
    knowledge.corrector.corrections(line, 0.5)
print(before, peak())
"""


def memory() -> dict[str, float]:
    """Return megabytes that the model and all tables take in a process that has used them."""
    text = "\n".join(source for source, _ in load("cscd_dev_even"))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], input=text.encode(), capture_output=True, check=True, cwd=ROOT
    )
    before, peak = map(float, done.stdout.split())
    return {"taken": peak - before, "peak": peak}


def opening() -> float:
    """Return the seconds that opening the language model takes."""
    code = (
        "import time, kenlm\nfrom pipeline.lm.model import LanguageModel\n"
        "began = time.perf_counter()\nLanguageModel()\nprint(time.perf_counter() - began)"
    )
    return min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stdout)
        for _ in range(3)
    )


def quality(mode: str) -> dict[str, dict[str, float]]:
    """Return the figures of every set and of the real document at the default operating point."""
    flags = FLAGS[mode]
    figures = {name: strict(load(name), corrected(load(name), *flags)).ratios() for name in SETS}
    figures |= {
        f"{name} (no table)": strict(load(name), corrected(load(name), *flags, "--no-lexicon")).ratios()
        for name in SETS
    }
    figures["real document"] = real_document(*flags)
    figures["real document (no table)"] = real_document(*flags, "--no-lexicon")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--only", nargs="+", choices=MODES, default=list(MODES), help="columns to measure")
    given = parser.parse_args()
    if not (SHARED / "bench").is_dir():
        sys.exit("the evaluation sets lie beside the checkout in ../shared, which is not here")
    each = {"sets": quality, "curve": curve, "speed": speed}
    figures: dict[str, Any] = {what: {mode: measure(mode) for mode in given.only} for what, measure in each.items()}
    figures |= {"memory": memory(), "opening": opening()}
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    columns = ("P", "R", "F1", "FPR")
    print(f"{'':<28}" + "".join(f" | {mode:<27}" for mode in given.only))
    print(f"{'set':<28}" + " | ".join(["", *(" ".join(f"{c:>6}" for c in columns) for _ in given.only)]))
    for name in figures["sets"][given.only[0]]:
        rows = [figures["sets"][mode][name] for mode in given.only]
        cells = [" ".join(f"{row[c]:6.3f}" if c in row else " " * 6 for c in columns) for row in rows]
        print(f"{name:<28}" + " | ".join(["", *cells]))
    print("\nat a false-positive rate on fpr_rmrb of (no table):")
    for mode in given.only:
        for share, row in figures["curve"][mode].items():
            print(f"  {mode:<9}{share:>5}  " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    print("\ncharacters/s on one core:")
    for mode in given.only:
        speeds = figures["speed"][mode].items()
        print(f"  {mode:<9}" + ", ".join(f"{name} {value:,.0f}" for name, value in speeds))
    taken = figures["memory"]
    print(f"model and tables {taken['taken']:.0f} MB, peak {taken['peak']:.0f} MB; opens in {figures['opening']:.3f} s")
    print(f"evaluation data {digest()[:12]}")


if __name__ == "__main__":
    main()
