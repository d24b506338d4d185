"""What each pass reads beside the document: a changed lexicon, model or setting touches only passes that read it."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.lm.network import installed, runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.settings import Settings

PACKAGE = Path(__file__).parent
CODE = (
    *(f"{folder}/*.py" for folder in ("inputs", "lm", "model", "rules", "stages")),
    *("lexicons/tables.py", "lexicons/packs.py", "knowledge.py", "profile.py", "route.py", "search.py", "ways.py"),
)
"""The modules whose change may change any text, as patterns in the package; coarse, for it is rare among users."""
LIBRARIES = ("qinggao", "jieba", "opencc", "python-docx", "trafilatura", "ufal-kenlm")
"""The packages whose version may change any text."""
EVERY = ("code", "libraries", "min_confidence")
"""What all passes depend on."""

MODEL = ("lm/zh-char4.klm", "lm/candidates.npz", "lm")
NETWORK = ("lm/network.onnx", "neural", "thorough")
CORRECTOR = (*MODEL, "lm/context.npz", "lm/acceptance.json", "lm/opinion.json", *NETWORK)
NAMES = ("lexicons/names.txt", "protect")
PACKS = ("lexicons/sites/*.toml", "packs", "sites", "learned_packs")

READS: Mapping[str, tuple[str, ...]] = {
    "normalise.repair_bytes": (),
    "normalise.plain_characters": (),
    "normalise.simplified": ("lexicons/variants.tsv", *NAMES),
    "normalise.no_stray_questions": (),
    "normalise.chinese_punctuation": PACKS,
    "strip.marks": PACKS,
    "strip.junk": PACKS,
    "restore.byte_loss": CORRECTOR,
    "restore.breaks": (),
    "restore.joins": CORRECTOR,
    "correct.table": ("lexicons/typos.tsv", "lexicon", "typos", *NAMES),
    "correct.learned": ("learned", *CORRECTOR, *NAMES),
    "correct.model": (*CORRECTOR, *NAMES),
    "despin.dropped_in": ("rules/insertions.json", *MODEL, *NAMES),
    "despin.gaps": ("lexicons/dropped.txt", "lexicon", *MODEL),
    "despin.synonyms": (
        "lexicons/synonyms.tsv",
        "lexicon",
        "rules/synonyms.json",
        "rules/synonyms_opinion.json",
        "lm/context.npz",
        *MODEL,
        *NETWORK,
        *NAMES,
    ),
    "unmask.masks": (
        "lexicons/masked.tsv",
        "lexicon",
        "rules/masks.json",
        "rules/masks_network.json",
        "lm/context.npz",
        *MODEL,
        *NETWORK,
    ),
}
"""Pass → what it reads: files (patterns in the package: a name with a point), settings, and what the corpus taught
(``learned``, ``learned_packs``)."""


def fingerprints(settings: Settings) -> dict[str, str]:
    """Return name → what tells one state of it from another, for all of :data:`READS` but what the corpus taught.

    Of files, also those of the user, it is a SHA-256; of other settings and of libraries what a person would write; of
    ``neural`` it is what runs the network, so that one left out and one that is not installed are the same.
    """
    names = sorted({*EVERY, *chain.from_iterable(READS.values())})
    files = {name: digest_files(PACKAGE.glob(name)) for name in names if "." in name}
    given = {name: _state(getattr(settings, name)) for name in names if hasattr(settings, name)}
    return {
        "version": version("qinggao"),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "code": digest_files(path for pattern in CODE for path in PACKAGE.glob(pattern)),
        **files,
        **given,
        "neural": runtime() if settings.neural is not False and installed() else "none",
    }


def pass_digests(states: Mapping[str, str]) -> dict[str, str]:
    """Return pass → 16 hex digits that tell the states of all that it reads, where ``states`` holds all of that."""
    return {name: _short([(part, states[part]) for part in (*EVERY, *parts)]) for name, parts in READS.items()}


def digest_files(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the names and the bytes of files, in the order of their paths."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _state(value: object) -> str:
    if not isinstance(value, Path):
        return str(value)
    return digest_files(value.glob("*.toml") if value.is_dir() else [value])


def _short(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
