"""Damage drawn on the accelerator: spinners with a table of their own for each passage, slips, hidden words.

Who types picks from what an input method offers first, and that fits what stands beside it: most wrong characters are
therefore drawn from several as often as the text itself has the pairs that they make with their neighbours.

Everything is arithmetic on whole batches. A spinner replaces a word the same way wherever it stands in a passage:
whether and how is read off a hash of the word and the passage's seed, so that no table need be kept.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from training.network.alphabet import MASK

MIX = {"masks": 0.12, "slips": 0.45, "spinner": 0.25, "rare": 0.13, "clean": 0.05}
"""What happens to a passage: words hidden only; slips at random; a spinner; hardly a slip; nothing."""
SLIPS = (-2.4, -1.4)  # log10 of their share of characters, drawn evenly between
SPUN = (-1.6, -0.5)  # log10 of the share of a passage's words in a spinner's table
HIDDEN, FEW_HIDDEN, RARE_SLIPS = 0.18, 0.08, 0.0015
LIKELY, OFFERED = 0.6, 8
"""Share of wrong characters that are drawn from so many by how they fit."""
HOMOPHONE = 0.45  # share of a word's slips that are another word of the same sound
PART = 1 << 24  # characters counted at a time
PRIME, STEP = 6364136223846793005, 1442695040888963407  # of Knuth's linear congruential generator


class Tables(NamedTuple):
    """The tables of :mod:`training.network.data` on the device, and those made of the text there.

    ``pairs`` (size · size) says how often (natural log of one more) a number follows another; ``fixed`` numbers are no
    Chinese characters.
    """

    wrong: Tensor
    words: Tensor
    homophones: Tensor
    neighbours: Tensor
    pairs: Tensor
    fixed: int
    size: int


class Replaced(NamedTuple):
    """Which two-character words are replaced, and how.

    ``where`` they begin, their ``rows`` in the tables, three numbers in [0, 1) ``drawn`` for each, the share
    (batch, 1) of ``synonyms`` among what replaces them, and what the ``left`` and ``right`` character would become.
    """

    where: Tensor
    rows: Tensor
    drawn: list[Tensor]
    synonyms: Tensor
    left: Tensor
    right: Tensor


def damage(clean: Tensor, starts: Tensor, tables: Tables, random: torch.Generator) -> Tensor:
    """Return the damaged numbers of passages (batch, length); ``starts`` says where words begin."""
    batch, length = clean.shape
    rates = _rates(batch, random)
    two = starts[:, :-2] & ~starts[:, 1:-1] & starts[:, 2:]
    keys = clean[:, :-2] * 65536 + clean[:, 1:-1]
    rows = torch.searchsorted(tables.words, keys).clamp(max=len(tables.words) - 1)
    two &= tables.words[rows] == keys
    damaged = clean.clone()

    seeds = torch.randint(1 << 62, (batch, 1), device=clean.device, generator=random)
    spun = two & (hashed(keys, seeds, 1) < rates["spun"])
    drawn = [hashed(keys, seeds, n) for n in range(2, 5)]
    column = (hashed(keys, seeds, 5) * tables.wrong.shape[1]).long()
    singles = tables.wrong[clean[:, :-2], column], tables.wrong[clean[:, 1:-1], column]
    _replace_words(damaged, clean, Replaced(spun, rows, drawn, rates["synonyms"], *singles), tables)

    wrong = slips(clean, tables, random)
    slipped = two & (_uniform(keys.shape, random) < 0.7 * rates["slips"])
    drawn = [_uniform(keys.shape, random) for _ in range(3)]
    few = torch.full_like(rates["slips"], 0.15)
    _replace_words(damaged, clean, Replaced(slipped, rows, drawn, few, wrong[:, :-2], wrong[:, 1:-1]), tables)
    chinese = (clean >= tables.fixed) & (clean < tables.size)
    single = chinese & (_uniform(clean.shape, random) < rates["slips"]) & (damaged == clean)
    damaged = torch.where(single, wrong, damaged)

    word = starts.long().cumsum(dim=1).clamp(max=length - 1)
    hidden = _uniform(clean.shape, random).gather(1, word) < rates["masks"]
    return torch.where(hidden & chinese, MASK, damaged)


def _rates(batch: int, random: torch.Generator) -> dict[str, Tensor]:
    """Return for each passage (batch, 1) the shares of its words and characters that are damaged in each way."""
    kind = torch.multinomial(
        torch.tensor(list(MIX.values()), device=random.device), batch, replacement=True, generator=random
    )[:, None]
    masks, slips, spinner, rare, _ = (kind == number for number in range(len(MIX)))
    some = _uniform((batch, 1), random)
    return {
        "spun": spinner * 10 ** (SPUN[0] + (SPUN[1] - SPUN[0]) * some),
        "synonyms": _uniform((batch, 1), random),
        "slips": slips * 10 ** (SLIPS[0] + (SLIPS[1] - SLIPS[0]) * some) + RARE_SLIPS * (rare | spinner),
        "masks": HIDDEN * masks + FEW_HIDDEN * (slips | (spinner & (_uniform((batch, 1), random) < 0.5))),
    }


def _replace_words(damaged: Tensor, clean: Tensor, replaced: Replaced, tables: Tables) -> None:
    """Replace two-character words of ``clean`` in ``damaged``."""
    how, column, which = replaced.drawn
    places = (column * tables.neighbours.shape[1]).long()
    near, same = tables.neighbours[replaced.rows, places], tables.homophones[replaced.rows, places]
    left = torch.where(which < 0.55, replaced.left, clean[:, :-2])
    right = torch.where(which >= 0.5, replaced.right, clean[:, 1:-1])  # both, one time in twenty
    alike = (how - replaced.synonyms) < HOMOPHONE * (1 - replaced.synonyms)
    other = torch.where(how < replaced.synonyms, near, torch.where(alike, same, left * 65536 + right))
    damaged[:, :-2] = torch.where(replaced.where, other // 65536, damaged[:, :-2])
    damaged[:, 1:-1] = torch.where(replaced.where, other % 65536, damaged[:, 1:-1])


def slips(clean: Tensor, tables: Tables, random: torch.Generator) -> Tensor:
    """Return a wrong number for each place (batch, length): :data:`LIKELY` of them fit what stands beside them."""
    offered = torch.where(_uniform((*clean.shape, 1), random) < LIKELY, OFFERED, 1)
    column = (_uniform((*clean.shape, OFFERED), random) * tables.wrong.shape[1]).long()
    wrong = tables.wrong[clean[..., None], column]
    before, after = (clean.roll(by, dims=1)[..., None] for by in (1, -1))
    fit = _pair(before, wrong, tables) + _pair(wrong, after, tables)
    fit -= torch.log(-torch.log(_uniform(fit.shape, random).clamp(min=1e-9)))  # draws as often as it is likely
    open_ = (torch.arange(OFFERED, device=clean.device) < offered) & (wrong != clean[..., None])
    best = torch.where(open_, fit, -torch.inf).argmax(dim=-1, keepdim=True)
    return wrong.gather(-1, best).squeeze(-1)


def pairs_of(text: Tensor, size: int) -> Tensor:
    """Return how often (natural log of one more) each of ``size`` numbers follows another in a text (size · size)."""
    counts = torch.zeros(size * size, dtype=torch.int32, device=text.device)
    for part in text.split(PART):
        numbers = part.long()
        keys = numbers[:-1] * size + numbers[1:]
        counts += torch.bincount(keys[(numbers[:-1] < size) & (numbers[1:] < size)], minlength=size * size).int()
    return counts.float().log1p().half()


def _pair(first: Tensor, second: Tensor, tables: Tables) -> Tensor:
    known = (first < tables.size) & (second < tables.size)
    return torch.where(known, tables.pairs[torch.where(known, first * tables.size + second, 0)], 0).float()


def hashed(keys: Tensor, seeds: Tensor, number: int) -> Tensor:
    """Return a number in [0, 1) for each key, the same for the same key, seed and ``number``."""
    mixed = (keys ^ seeds) * PRIME + STEP * number
    mixed = (mixed ^ (mixed >> 31)) * PRIME
    mixed = (mixed ^ (mixed >> 29)) * PRIME
    return ((mixed >> 38) & 0xFFFFFF).float() / (1 << 24)


def _uniform(shape: torch.Size | tuple[int, ...], random: torch.Generator) -> Tensor:
    return torch.rand(shape, device=random.device, generator=random)
