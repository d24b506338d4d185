"""The only reader of the tables beside it: words, typos, variants, protected words. All faults at once."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.errors import LexiconError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE = Path(__file__).parent
NAME_TAGS = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"})  # people, places, organisations, other names
TYPO_COLUMNS = ["wrong", "right", "only", "unless", "class"]
LEARNED_COLUMNS = ["wrong", "right", "support", "consistency", "example", "decision", "confidence"]
DECISIONS = ("apply", "suggest", "reject")
"""What a row of a learned table may say: the run writes the first two, a person may write any."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A word list with frequencies: jieba's dictionary, read through the package; ``names`` are its proper names."""

    frequency: Mapping[str, int]
    log_total: float
    names: frozenset[str] = frozenset()

    def count(self, word: str) -> int:
        """How often ``word`` occurs, 0 for what is no word."""
        return self.frequency.get(word, 0)

    def has(self, word: str, least: int = 1) -> bool:
        """Whether ``word`` is in the dictionary with at least ``least`` occurrences."""
        return self.frequency.get(word, 0) >= least

    def fluency(self, text: str, longest: int = 6) -> float:
        """Return the log probability of the likeliest segmentation of ``text`` (unigrams; words up to ``longest``)."""
        count, log, total = self.frequency.get, math.log, self.log_total
        best = [0.0]
        for end in range(1, len(text) + 1):
            top = best[-1] + log(count(text[end - 1]) or 0.1)
            for start in range(max(0, end - longest), end - 1):
                if found := count(text[start:end]):
                    score = best[start] + log(found)
                    top = max(top, score)
            best.append(top - total)
        return best[-1]


@cache
def load_words() -> Words:
    """Return jieba's dictionary (349,045 words with their counts; read once per process, 0.2 s)."""
    import jieba  # noqa: PLC0415 - a rerun with nothing to do reads no dictionary

    with jieba.dt.get_dict_file() as stream:
        cells = stream.read().decode("utf-8").split()
    # The file is "word count tag" line after line, none of the three ever empty.
    frequency = dict(zip(cells[::3], map(int, cells[1::3]), strict=True))
    names = frozenset(word for word, tag in zip(cells[::3], cells[2::3], strict=True) if tag in NAME_TAGS)
    return Words(frequency, math.log(sum(frequency.values())), names)


@dataclass(frozen=True, slots=True)
class Typo:
    """A row of the curated table: ``wrong`` is read as ``right`` unless its context says otherwise.

    ``only`` and ``unless`` are contexts as (text before, text after) the wrong form.
    """

    wrong: str
    right: str
    only: tuple[tuple[str, str], ...] = ()
    unless: tuple[tuple[str, str], ...] = ()


def _contexts(cell: str, wrong: str, where: str, faults: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for item in cell.split():
        before, mark, after = item.partition("~") if "~" in item else item.partition(wrong)
        if not mark or not before + after:
            faults.append(f"{where}: context {item!r} holds neither ~ nor {wrong!r} with something beside it")
        found.append((before, after))
    return tuple(found)


def load_typos(path: Path = HERE / "typos.tsv") -> list[Typo]:
    """Return a typo table: tab-separated like the curated one, or a ``learned_table.csv`` with its accepted rows.

    Of a learned table the rows with the decision ``apply`` count. Raises :class:`LexiconError` with every faulty line.
    """
    learned = path.suffix.lower() == ".csv"
    rows, faults = read_table(path, LEARNED_COLUMNS, "excel") if learned else read_table(path, TYPO_COLUMNS)
    typos: list[Typo] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        where = f"line {number}"
        if learned:
            row |= {name: row[name].removeprefix("'") for name in ("wrong", "right")}  # the guard of formula cells
            if row["decision"] not in DECISIONS:
                faults.append(f"{where}: the decision is {row['decision']!r}; it must be {' or '.join(DECISIONS)}")
            if row["decision"] != "apply":
                continue
        wrong, right = row["wrong"], row["right"]
        if not wrong or not right:
            faults.append(f"{where}: wrong and right must not be empty")
            continue
        if wrong == right:
            faults.append(f"{where}: {wrong!r} is mapped to itself")
        if wrong in seen:
            faults.append(f"{where}: {wrong!r} stands already in line {seen[wrong]}")
        seen[wrong] = number
        only = _contexts(row.get("only", ""), wrong, where, faults)
        typos.append(Typo(wrong, right, only, _contexts(row.get("unless", ""), wrong, where, faults)))
    free = {typo.wrong for typo in typos if not typo.only}
    faults += [f"{t.wrong!r} → {t.right!r} → … is a circle" for t in typos if t.right in free]
    if faults:
        raise LexiconError(path.name, faults)
    return typos


CLASSES = ("seen", "common")
"""Of a spinner's pair: seen in a real spun document, or known of spinners in general."""


class Synonym(NamedTuple):
    """A pair of a spinner's table: ``spun`` may stand where ``original`` stood; ``seen`` in a real spun document."""

    spun: str
    original: str
    seen: bool


def load_synonyms(path: Path = HERE / "synonyms.tsv") -> list[Synonym]:
    """Return the pairs of a spinner's table; a swap may run both ways, for each pair is a candidate only.

    Raises :class:`LexiconError` with every faulty line.
    """
    rows, faults = read_table(path, ["spun", "original", "class"])
    pairs: list[Synonym] = []
    known: dict[tuple[str, str], int] = {}
    for number, row in rows:
        spun, original = row["spun"], row["original"]
        if not spun or not original or spun == original:
            faults.append(f"line {number}: spun and original must be two words")
        if not is_han(spun + original):
            faults.append(f"line {number}: {spun!r} → {original!r} holds what is no Chinese character")
        if (spun, original) in known:
            faults.append(f"line {number}: {spun!r} → {original!r} stands already in line {known[spun, original]}")
        if row["class"] not in CLASSES:
            faults.append(f"line {number}: the class is {row['class']!r}; it must be {' or '.join(CLASSES)}")
        known[spun, original] = number
        pairs.append(Synonym(spun, original, row["class"] == "seen"))
    if faults:
        raise LexiconError(path.name, faults)
    return pairs


def load_masked(path: Path = HERE / "masked.tsv") -> dict[str, float]:
    """Return the words that publishing sites mask → how much likelier each is to be masked than a word of weight 1.

    Raises :class:`LexiconError` with every faulty line.
    """
    rows, faults = read_table(path, ["word", "weight"])
    words: dict[str, float] = {}
    for number, row in rows:
        word, weight = row["word"], row["weight"]
        if not word or not is_han(word) or word in words:
            faults.append(f"line {number}: {word!r} must be a Chinese word that stands nowhere else in the table")
        if not weight.isdecimal() or not int(weight):
            faults.append(f"line {number}: the weight is {weight!r}; it must be a whole number from 1 on")
            continue
        words[word] = float(weight)
    if faults:
        raise LexiconError(path.name, faults)
    return words


def is_han(form: str) -> bool:
    """Whether ``form`` holds nothing but Chinese characters of the basic block."""
    return all("\u4e00" <= char <= "\u9fff" for char in form)


def load_variants(path: Path = HERE / "variants.tsv") -> dict[str, str]:
    """Return variant character → simplified character, beside what opencc knows."""
    rows, faults = read_table(path, ["variant", "simplified"])
    table = {}
    for number, row in rows:
        variants, simplified = row["variant"], row["simplified"]
        if len(simplified) != 1 or not variants:
            faults.append(f"line {number}: needs one simplified character and at least one variant")
            continue
        table.update(dict.fromkeys(variants, simplified))
    if faults:
        raise LexiconError(path.name, faults)
    return table


def load_shapes(path: Path = HERE / "shapes.tsv") -> dict[str, dict[str, int]]:
    """Return character → look-alike → similarity in percent."""
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {char: {cells[i]: int(cells[i + 1 : i + 3]) for i in range(0, len(cells), 3)} for char, cells in lines}


def load_word_list(path: Path) -> frozenset[str]:
    """Return the words of a list, one a line, UTF-8, ``#`` starts a comment; raises :class:`LexiconError`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LexiconError(path.name, [f"not UTF-8 at byte {error.start}: save the file as UTF-8"]) from error
    except OSError as error:
        raise LexiconError(path.name, [f"cannot be read: {error.strerror}"]) from error
    words = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(word for word in words if word)


def load_names() -> frozenset[str]:
    """Return the names that script conversion and correction leave alone."""
    return load_word_list(HERE / "names.txt")


def read_table(
    path: Path, columns: Iterable[str], dialect: Literal["excel-tab", "excel"] = "excel-tab"
) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Return (line number, column → cell) of every row, and what is wrong with the others."""
    wanted = list(columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = ("\n" if line.startswith("#") else line for line in stream)  # counted, not read
            plain = csv.reader(lines, "excel-tab", quoting=csv.QUOTE_NONE)
            rows = list(plain if dialect == "excel-tab" else csv.reader(lines, "excel"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LexiconError(path.name, [f"cannot be read as UTF-8: {error}"]) from error
    first = next((number for number, row in enumerate(rows) if row), 0)
    header = rows[first] if rows else []
    if header[: len(wanted)] != wanted or len(set(header)) < len(header):
        kind = "tab" if dialect == "excel-tab" else "comma"
        raise LexiconError(path.name, [f"the header is {header}; it must be {wanted}, {kind}-separated"])
    unknown = header[len(wanted) :]
    faults = [f"unknown column {name!r}; known: {', '.join(wanted)}" for name in unknown]
    good = []
    for number, row in enumerate(rows[first + 1 :], first + 2):
        if not row or not any(row):
            continue
        if len(row) > len(header):
            faults.append(f"line {number}: {len(row)} cells, the header has {len(header)}")
            continue
        cells = row + [""] * (len(header) - len(row))
        good.append((number, dict(zip(header, cells, strict=True))))
    return good, faults
