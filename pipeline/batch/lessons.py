"""What the corpus taught, in a file: workers read it once, however many tasks they get."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.export.folder import write_atomically
from pipeline.inputs.shards import key_of
from pipeline.knowledge import Knowledge, SiteLessons
from pipeline.lexicons.packs import LISTS, SitePack
from pipeline.rules.learned import Learned

if TYPE_CHECKING:
    from pathlib import Path


class Lessons(NamedTuple):
    """Site marks and substitutions."""

    sites: SiteLessons = SiteLessons()
    learned: tuple[Learned, ...] = ()

    def save(self, folder: Path) -> Path:
        """Write the lessons into ``folder``, under their digest; return where they lie."""
        packs = [asdict(pack) for pack in self.sites.packs]
        value = {"packs": packs, "draft": self.sites.draft, "learned": [row._asdict() for row in self.learned]}
        path = folder / f"lessons-{key_of(value)}.json"
        write_atomically(path, json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))
        return path


@lru_cache(maxsize=2)
def read_lessons(path: Path) -> Lessons:
    """Return the lessons of a file."""
    value = json.loads(path.read_bytes())
    packs = tuple(SitePack(row["name"], **{part: tuple(row[part]) for part in LISTS}) for row in value["packs"])
    return Lessons(SiteLessons(packs, value["draft"]), tuple(Learned(**row) for row in value["learned"]))


def taught(knowledge: Knowledge, lessons: Lessons) -> Knowledge:
    """Return the knowledge with what the corpus taught."""
    return knowledge.taught(learned=lessons.learned, sites=lessons.sites)
