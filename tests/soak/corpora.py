"""Small corpora of damaged documents."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.damage.bulk import compile_document, take_apart
from tests.damage.generator import damage
from tests.damage.samples import RECIPES, clean_file

if TYPE_CHECKING:
    from pathlib import Path

PLAN_CHARS = (150, 400)


def write_corpus(folder: Path, seed: int, documents: int, chars: int = 900) -> Path:
    """Write documents of about ``chars`` characters that come of ``seed`` into a new folder; return it."""
    folder.mkdir(parents=True)
    for number in range(documents):
        name = f"{seed}-{number:03}"
        recipe = RECIPES[number % len(RECIPES)]
        source = take_apart(clean_file(recipe).read_bytes().decode("utf-8"))
        clean = compile_document(source, Random(name), chars, PLAN_CHARS)
        (folder / f"{name}.txt").write_bytes(damage(clean, recipe.plan, seed * 1000 + number).data)
    return folder
