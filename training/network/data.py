"""Make what the network is trained on: numbered text and tables of damage, for a machine with an accelerator.

usage: python -m training.network.data CORPUS.zst [CORPUS.zst …] --fonts FONT.ttc … --out FOLDER

Of each corpus a share is taken (:data:`SHARE`); the rest the network never sees, so that what judges its answers can
learn on text that is new to it. Writes ``text-C-N.npy.xz`` for corpus C (16 bits per character: its number, the highest
bit where a word of jieba's begins) and ``tables.npz``:

- ``known``: the characters that can be foretold; ``sounds``: a syllable's number for each number of the alphabet;
  ``shapes``: its glyph, reduced by principal components;
- ``wrong``: for each number, wrong characters to draw from: of the same sound, of nearly the same, alike;
- ``words``, ``homophones``, ``neighbours``: two-character words as left · 65536 + right, sorted; for each, words of the
  same sound and words that stand in the same sentences, to draw from (the word itself where there is none).
"""

from __future__ import annotations

import argparse
import lzma
import random
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import jieba
import numpy as np

from pipeline.lexicons.tables import load_shapes, load_words
from pipeline.lm.candidates import CandidateTables
from training.corpus import read_lines
from training.damage import ALIKE, COMMON, is_chinese
from training.make_shapes import draw, rows
from training.network.alphabet import Alphabet
from training.sounds import blurred, readings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from training.network.alphabet import Numbers

SEED = 7
BLOCK = 300  # lines that stay together
SHARE = 0.85  # of each corpus, that is learnt from
PART = 12_000_000  # characters of a file of text
LEAST = 12  # occurrences from which a character is known
DRAWS = 32  # wrong characters of each one
OTHERS = 12  # words for each word
WORDS = 40_000
NEAREST = 40  # of a word, by context, of which OTHERS are drawn
SHAPE = 48  # principal components of a glyph
POWERS, RARE = (0.9, 0.5, 0.2), -8.0
"""How far a common wrong character is likelier than a rare one: powers of their frequency (log10; of one not known)."""
HOW = {"sound": 0.66, "near": 0.14, "shape": 0.2}
STARTS = 1 << 15
CONTEXT = Path("pipeline/lm/context.npz")


def blocks(path: Path, *, unseen: bool = False) -> Iterator[str]:
    """Yield :data:`SHARE` of a corpus as passages of neighbouring lines, or what is ``unseen`` in training."""
    rng, lines = random.Random(SEED), []
    for line in read_lines(path):
        lines.append(line)
        if len(lines) == BLOCK:
            if (rng.random() < SHARE) != unseen:
                yield "\n".join(lines) + "\n"
            lines = []


def unseen_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a corpus that the network is not trained on."""
    for block in blocks(path, unseen=True):
        yield from block.splitlines()


def numbered(text: str, alphabet: Alphabet) -> NDArray[np.uint16]:
    """Return the numbers of a text, the highest bit set where a word begins."""
    numbers = alphabet.numbers(text).astype(np.uint16)
    lengths = np.fromiter((len(word) for word in jieba.cut(text, HMM=False)), np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    numbers[starts] |= STARTS
    return numbers


def write_text(texts: list[str], alphabet: Alphabet, out: Path, stem: str) -> None:
    """Write passages, in an order drawn, as files ``stem-N.npy.xz`` of about :data:`PART` characters."""
    random.Random(SEED).shuffle(texts)
    parts: list[NDArray[np.uint16]] = []
    size = number = 0
    for i, text in enumerate(texts):
        parts.append(numbered(text, alphabet))
        size += len(text)
        if size >= PART or i == len(texts) - 1:
            with lzma.open(out / f"{stem}-{number}.npy.xz", "wb", preset=6) as stream:
                np.save(stream, np.concatenate(parts))
            print(f"{stem}-{number}: {size:,} characters", flush=True)
            parts, size, number = [], 0, number + 1


def wrong_characters(alphabet: Alphabet, rng: random.Random) -> NDArray[np.uint16]:
    """Return for each number :data:`DRAWS` wrong ones (itself where nothing resembles it)."""
    tables = CandidateTables()
    logs = {char: float(log) for char, log in zip(tables.chars, tables.unigram, strict=True)}
    sounds, blurs, alike = defaultdict(list), defaultdict(set), defaultdict(list)
    for char in alphabet.known:
        for syllable, _ in readings(char):
            sounds[syllable].append(char)
            blurs[blurred(syllable)].add(syllable)
    number = {char: i for i, char in enumerate(alphabet.chars)}
    for wrong, rights in load_shapes().items():
        for right, percent in rights.items():
            if percent >= ALIKE and wrong in number:
                alike[right].append(wrong)
    result = np.tile(np.arange(len(alphabet.chars), dtype=np.uint16)[:, None], DRAWS)
    for at in range(alphabet.fixed, alphabet.size):
        char = alphabet.chars[at]
        syllables = [syllable for syllable, _ in readings(char)][:2]
        pools = {
            "sound": [other for syllable in syllables for other in sounds[syllable]],
            "near": [o for s in syllables for t in sorted(blurs[blurred(s)]) if t != s for o in sounds[t]],
            "shape": alike[char],
        }
        for draw_ in range(DRAWS):
            (how,) = rng.choices(list(HOW), list(HOW.values()))
            pool = [other for other in pools[how] or pools["sound"] if other != char]
            if pool:
                power = rng.choice(POWERS)
                (other,) = rng.choices(pool, [10 ** (power * logs.get(other, RARE)) for other in pool])
                result[at, draw_] = number[other]
    return result


def words_and_others(alphabet: Alphabet, rng: random.Random) -> tuple[Numbers, Numbers, Numbers]:
    """Return words, homophones of each and neighbours of each, as numbers left · 65536 + right."""
    number = {char: i for i, char in enumerate(alphabet.chars[: alphabet.size])}
    known = load_words().frequency
    chosen = sorted(
        (word for word in known if len(word) == 2 and is_chinese(word) and set(word) <= set(number)),
        key=lambda word: (-known[word], word),
    )[:WORDS]
    code = {word: number[word[0]] * 65536 + number[word[1]] for word in chosen}
    same = defaultdict(list)
    for word in chosen:
        if known[word] >= COMMON and all(map(readings, word)):
            same[readings(word[0])[0][0], readings(word[1])[0][0]].append(word)
    homophones: dict[str, list[str]] = {w: [o for o in group if o != w] for group in same.values() for w in group}
    near = neighbours(set(chosen))
    ordered = sorted(chosen, key=code.__getitem__)
    tables = []
    for others, power in ((homophones, 0.6), (near, 0.25)):
        table = np.empty((len(ordered), OTHERS), np.int64)
        for row, word in zip(table, ordered, strict=True):
            pool = others.get(word) or [word]
            row[:] = [code[w] for w in rng.choices(pool, [known[w] ** power for w in pool], k=OTHERS)]
        tables.append(table)
    return np.array([code[word] for word in ordered]), tables[0], tables[1]


def neighbours(chosen: set[str]) -> dict[str, list[str]]:
    """Return the words nearest to each word by the sentences in which they stand."""
    chars = CandidateTables().chars
    with np.load(CONTEXT) as stored:
        pairs, units = stored["pairs"].astype(np.int64), stored["units"].astype(np.float32)
    size = len(units) - len(pairs)
    words = [chars[pair // size] + chars[pair % size] for pair in pairs.tolist()]
    vectors = units[size:] / np.linalg.norm(units[size:], axis=1, keepdims=True)
    found = {}
    for start in range(0, len(words), 2000):
        nearest = np.argsort(-(vectors[start : start + 2000] @ vectors.T), axis=1)[:, 1 : NEAREST + 1]
        for word, row in zip(words[start : start + 2000], nearest.tolist(), strict=True):
            if word in chosen:
                found[word] = [words[i] for i in row if words[i] in chosen]
    return found


def glyphs(alphabet: Alphabet, fonts: list[str]) -> NDArray[np.float16]:
    """Return the shape of each number's glyph, reduced to :data:`SHAPE` values of unit variance."""
    first = alphabet.fixed
    chars = list(alphabet.chars[first:])
    pixels = np.concatenate([rows(draw(chars, font), (0, 0, 1, 1), stretch=False) for font in fonts], axis=1)
    _, vectors = np.linalg.eigh(pixels.T @ pixels)
    reduced = pixels @ vectors[:, ::-1][:, :SHAPE]
    result = np.zeros((len(alphabet.chars), SHAPE), np.float16)
    result[first:] = reduced / reduced.std()
    return result


def main() -> None:
    """Read, number, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--fonts", nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    texts = [list(blocks(path)) for path in given.corpora]
    counts: Counter[str] = Counter()
    for text in chain.from_iterable(texts):
        counts.update(text)
    tables = CandidateTables()
    han = {c for c, n in counts.items() if is_chinese(c) and n >= LEAST} | {c for c in tables.chars if is_chinese(c)}
    alphabet = Alphabet("".join(sorted(han, key=lambda char: (-counts[char], char))))
    print(f"{counts.total():,} characters, {alphabet.size} known of {len(alphabet.chars)}", flush=True)
    syllables: dict[str, int] = {"": 0}
    sounds = [
        syllables.setdefault(readings(char)[0][0] if at >= alphabet.fixed and readings(char) else "", len(syllables))
        for at, char in enumerate(alphabet.chars)
    ]
    rng = random.Random(SEED)
    wrong = wrong_characters(alphabet, rng)
    words, homophones, near = words_and_others(alphabet, rng)
    np.savez_compressed(
        given.out / "tables.npz",
        known=alphabet.known,
        sounds=np.array(sounds, np.int64),
        shapes=glyphs(alphabet, given.fonts),
        wrong=wrong,
        words=words,
        homophones=homophones,
        neighbours=near,
    )
    for number, own in enumerate(texts):
        write_text(own, alphabet, given.out, f"text-{number}")


if __name__ == "__main__":
    main()
