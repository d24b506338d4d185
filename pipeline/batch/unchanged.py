"""Whether there is anything to do: a finished run over the same inputs, by the same knowledge, left as it was."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.export import folder as output
from pipeline.inputs.files import is_url, open_file
from pipeline.inputs.raw import Quarantined
from pipeline.inputs.shards import digest_of, key_of
from pipeline.publication import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.batch.state import State
    from pipeline.inputs.files import InputFile, Listing
    from pipeline.knowledge import Knowledge
    from pipeline.runner import Orders

THREADS = 4  # digests are made outside of Python's lock
SUMMED = ("notes", "rows", "files", "learned", "sites")


class Unchanged:
    """What a run depends on and what it left, as digests."""

    def __init__(self, out: Path, state: State, listing: Listing, orders: Orders, knowledge: Knowledge) -> None:
        """Look at the inputs; what lies behind a URL is taken to have changed."""
        self._out, self._state, self._orders = out, state, orders
        near = not any(is_url(file.place) for file in listing.files)
        self._key = ""
        if near:
            with ThreadPoolExecutor(THREADS) as threads:
                digests = list(threads.map(_digest, (file.place for file in listing.files)))
            places = [(file.source, file.position) for file in listing.files]
            result = (orders.layout, orders.as_csv, orders.analysis, output.SCHEMA)
            about = (knowledge.fingerprint, knowledge.analysis, result)
            self._key = key_of(places, digests, listing.quarantined, about)

    def summary(self) -> Summary | None:
        """Return what the finished run did, if there is nothing to do."""
        finished = self._state.finished()
        if not self._key or finished.get("key") != self._key or finished.get("output") != _digest_of(self._out):
            return None
        summary = Summary(jobs=self._orders.jobs, folder=self._out)
        for name in SUMMED:
            setattr(summary, name, finished[name])
        summary.counts = Counter(finished["counts"] | {"kept": finished["counts"]["documents"]})
        summary.faults = [Quarantined(*row) for row in finished["faults"]]
        summary.unchanged = True
        summary.finish()
        return summary

    def remember(self, summary: Summary) -> None:
        """Leave to the next run what this one did, unless that may do better with what was left out."""
        summary.finish()
        if not summary.settled:
            return
        told: dict[str, Any] = {name: getattr(summary, name) for name in SUMMED}
        told["faults"] = [list(fault) for fault in summary.faults]
        self._state.finish(told | {"counts": summary.counts, "key": self._key, "output": _digest_of(self._out)})


def stamp(file: InputFile) -> tuple[int, ...]:
    """Return what changes when somebody writes a file; nothing is known of what lies behind a URL."""
    try:
        about = Path(file.place).stat()
    except OSError:  # a URL, or gone
        return ()
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _digest_of(out: Path) -> str:
    """Return one digest of all files that a run wrote."""
    paths = sorted(_written(out))
    with ThreadPoolExecutor(THREADS) as threads:
        digests = list(threads.map(_digest, paths))
    return key_of([path.relative_to(out).as_posix() for path in paths], digests)


def _written(out: Path) -> Iterator[Path]:
    for name in {*output.written_names(), output.MANIFEST, *output.FILED}:
        path = out / name
        if path.is_dir():
            yield from path.iterdir()
        elif path.exists():
            yield path


def _digest(place: Path | str) -> str:
    try:
        with open_file(str(place)) as stream:
            return digest_of(stream)
    except OSError as error:
        return str(error.strerror)
