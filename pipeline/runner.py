"""Many documents: inputs are cut into shards, taken through the passes by an engine, and published."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from pipeline.batch.earlier import Earlier
from pipeline.batch.evidence import merged
from pipeline.batch.lessons import Lessons, taught
from pipeline.batch.passes import CLEAN, OBSERVE, SIGHT, Task, knowledge_for, perform, quarantined_table, rescue
from pipeline.batch.reading import analyse_shards
from pipeline.batch.state import NAME, State
from pipeline.batch.unchanged import Unchanged, stamp
from pipeline.engines.cluster import cluster
from pipeline.engines.pool import workers
from pipeline.export import folder as output
from pipeline.inputs.files import is_url, list_files
from pipeline.inputs.shards import cut, key_of
from pipeline.knowledge import settled
from pipeline.publication import Layout, Material, Summary, Teaching, publish
from pipeline.route import OBSERVED, SIGHTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from pipeline.batch.passes import LeftOut, Outcome, Pass
    from pipeline.engines import Run
    from pipeline.inputs.files import InputFile, Listing
    from pipeline.inputs.shards import Shard
    from pipeline.knowledge import Knowledge
    from pipeline.settings import Settings

    Progress = Callable[[int, int], None]

MANY_DOCUMENTS = 20_000  # from which a corpus is written in parts: a folder of so many files is no use to anybody
LARGE = 256_000_000  # the same by bytes of its inputs


class Orders(NamedTuple):
    """How a corpus is cleaned, beside the settings that the result depends on.

    ``scheduler`` is the address of a Dask scheduler in place of ``jobs`` processes here. ``time_limit`` is how many
    seconds a document may take for each megabyte begun; with one, documents are cleaned in processes of their own, so
    that one which never ends or crashes is quarantined. ``layout`` is files, parts or auto (by the size of the corpus);
    ``as_csv`` writes CSV beside parts. Without ``analysis`` there are no goals, themes, copies and quality.
    """

    jobs: int = 1
    scheduler: str = ""
    force: bool = False
    layout: str = "auto"
    as_csv: bool = False
    analysis: bool = True
    time_limit: float | None = None

    def engine(self) -> AbstractContextManager[Run]:
        """Return what runs the passes."""
        return cluster(self.scheduler) if self.scheduler else workers(self.jobs, apart=self.time_limit is not None)


def clean_folder(
    inputs: Sequence[Path | str],
    out: Path,
    settings: Settings,
    orders: Orders = Orders(),  # noqa: B008 - immutable
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Clean all inputs into ``out`` and return what was done.

    Unchanged inputs are kept, results of vanished inputs removed; what an interrupted run has finished is used.
    ``progress`` is told (done, total) documents. Raises :class:`pipeline.errors.UsageError` or :class:`LexiconError`
    before anything is written, :class:`OutputError` where ``out`` cannot be written.
    """
    output.check_output(out, [Path(path) for path in inputs if not is_url(str(path))])
    settings = settled(settings)
    listing, knowledge = list_files(inputs, exclude=out), knowledge_for(settings)
    if dry_run:
        _load(knowledge, orders)
        with TemporaryDirectory(prefix="qinggao-") as place, output.locked(Path(place)):
            return _Cleaning(listing, Path(place), settings, orders, progress).trial()
    unchanged = Unchanged(out, State(out / NAME), listing, orders, knowledge)
    if not orders.force and (kept := unchanged.summary()) is not None:
        return kept
    _load(knowledge, orders)
    with output.locked(out):
        summary = _Cleaning(listing, out, settings, orders, progress).corpus()
        unchanged.remember(summary)
    return summary


def _load(knowledge: Knowledge, orders: Orders) -> None:
    """Load all that documents need: faults are told before any is touched, and workers that are forked share it."""
    knowledge.check()
    _load_tables()
    if orders.analysis:
        _load_analysis()


def _load_tables() -> None:
    """Load what pyarrow loads at first use.

    A worker that takes a lost one's place may be forked at any moment: what this process were just importing, it would
    wait for without end.
    """
    pa.array([0])  # brings pandas
    import pyarrow.dataset  # noqa: F401, PLC0415 - what `read_table` brings; no command needs it that cleans nothing


def _load_analysis() -> None:
    from pipeline.analysis.corpus import load  # noqa: PLC0415 - scikit-learn takes a second to import

    load()


class _Cleaning:
    """One run over the inputs listed."""

    def __init__(
        self, listing: Listing, out: Path, settings: Settings, orders: Orders, progress: Progress | None
    ) -> None:
        self.summary = Summary(jobs=orders.jobs)
        self._listing, self._out, self._settings, self._orders = listing, out, settings, orders
        self._layout = Layout()
        self._progress = progress or (lambda _done, _total: None)
        self._state = State(out / NAME)
        self._stamps = [stamp(file) for file in listing.files]
        self._shards: list[Shard] = []
        self._evidence: dict[str, list[Path]] = {}
        self._left_out: dict[str, LeftOut] = {}

    def corpus(self) -> Summary:
        """Make the corpus."""
        with self._orders.engine() as run:
            material = self._pass_all(run)
            publish(material, self._out, self._layout, self.summary, run)
        changed = self._changed()
        self._state.keep_only(
            path
            for paths in (*self._evidence.values(), material.shards)
            for shard, path in zip(self._shards, paths, strict=True)
            if not changed.intersection(shard.files)
        )
        self.summary.settled = not changed and not self._left_out
        return self.summary

    def _changed(self) -> set[InputFile]:
        """Return the files that somebody wrote meanwhile: what was made of them may be of neither version."""
        before_and_now = zip(self._listing.files, self._stamps, strict=True)
        return {file for file, before in before_and_now if stamp(file) != before}

    def trial(self) -> Summary:
        """Do all but publish."""
        with self._orders.engine() as run:
            self.summary.tell_of(self._pass_all(run).quarantined())
        self.summary.finish()
        return self.summary

    def _pass_all(self, run: Run) -> Material:
        """Cut the inputs into shards, gather what they teach, and clean them.

        A document that a pass fails with must teach the others nothing (law 4): what it taught before is gathered anew.
        """
        work = self._state.prepare()
        self._shards, unread = cut(self._listing.files, work, self._settings.text_column, run)
        self._layout = _layout(self._orders, self._listing, self._shards)
        while True:
            lessons = self._learn(run)
            left_out = self._left_out.copy()
            outcomes = self._clean(lessons, run)
            if self._left_out == left_out:
                break
        for outcome in outcomes:
            self.summary.add(outcome)
        self.summary.sites = sum(len(pack.entries) for pack in lessons.sites.packs)
        self.summary.learned = sum(row.decision == "apply" for row in lessons.learned)
        faults = quarantined_table([*self._listing.quarantined, *unread])
        return Material([outcome.target for outcome in outcomes], faults, Teaching.of(self._taught(lessons)))

    def _learn(self, run: Run) -> Lessons:
        """Return what all documents teach."""
        while True:
            sites = knowledge_for(self._settings).learn_sites(self._gather(SIGHT, Lessons(), SIGHTED, run))
            left_out = self._left_out.copy()
            lessons = Lessons(sites)
            profile = self._gather(OBSERVE, lessons, OBSERVED, run)
            if self._left_out == left_out:
                return Lessons(sites, self._taught(lessons).learn(profile))

    def _taught(self, lessons: Lessons) -> Knowledge:
        return taught(knowledge_for(self._settings), lessons)

    def _gather(self, which: Pass, lessons: Lessons, reads: Sequence[str], run: Run) -> Any:
        """Return what all shards teach; ``reads`` are the passes on which that depends."""
        passes = self._taught(lessons).passes
        digest = key_of(*(passes[name] for name in reads))
        path = lessons.save(self._state.work)
        targets = (self._state.evidence(which.name, key_of(shard.key, digest)) for shard in self._shards)
        tasks = (self._task(shard, target, path) for shard, target in zip(self._shards, targets, strict=True))
        places = [outcome.target for outcome in self._through(which, tasks, run)]
        self._evidence[which.name] = places
        return merged(which.kind, places, self._state.work, run)

    def _clean(self, lessons: Lessons, run: Run) -> list[Outcome]:
        """Return what became of all shards."""
        shards = self._shards
        knowledge, path, parts = self._taught(lessons), lessons.save(self._state.work), self._layout.parts
        if not parts:
            output.prepare_files(self._out)
        analysis = knowledge.analysis if self._orders.analysis else ""
        targets = [self._state.shard(key_of(s.key, knowledge.fingerprint, analysis, parts)) for s in shards]
        earlier = Earlier(self._state, targets) if parts else None
        tasks = (
            self._task(shard, target, path)._replace(
                out=None if parts else self._out,
                earlier=earlier.of(shard, target) if earlier else (),
                analysis=self._orders.analysis,
                force=self._orders.force,
            )
            for shard, target in zip(shards, targets, strict=True)
        )
        outcomes, done, total = [], 0, sum(shard.size for shard in shards)
        for shard, outcome in zip(shards, self._through(CLEAN, tasks, run), strict=True):
            outcomes.append(outcome)
            done += shard.size
            self._progress(done, total)
        return outcomes

    def _task(self, shard: Shard, target: Path, lessons: Path) -> Task:
        left_out = self._left_out.get(shard.key, ())
        return Task(shard, target, self._settings, lessons, left_out, self._orders.time_limit)

    def _through(self, which: Pass, tasks: Iterable[Task], run: Run) -> Iterator[Outcome]:
        outcomes = run(partial(perform, which), tasks, rescue=partial(rescue, which))
        for shard, outcome in zip(self._shards, outcomes, strict=True):
            if outcome.left_out:
                self._left_out[shard.key] = outcome.left_out
            yield outcome


def _layout(orders: Orders, listing: Listing, shards: Sequence[Shard]) -> Layout:
    large = sum(file.unpacked for file in listing.files) > LARGE or sum(s.size for s in shards) > MANY_DOCUMENTS
    parts = orders.layout == "parts" or (orders.layout == "auto" and large)
    return Layout(parts, orders.as_csv or not parts, orders.analysis)


def analyse_folder(folder: Path, settings: Settings, *, jobs: int = 1, scheduler: str = "") -> Summary:
    """Make all tables of a cleaned corpus anew from its texts and logs, and return what was done; nothing is cleaned.

    Raises :class:`pipeline.errors.UsageError` where there is no finished run, :class:`OutputError` where a text or log
    is not as it was written.
    """
    manifest = output.read_manifest(folder)
    knowledge = knowledge_for(settings)
    _ = knowledge.goal_types  # a faulty taxonomy is told before anything is written
    _load_tables()
    _load_analysis()
    with output.locked(folder), Orders(jobs, scheduler).engine() as run:
        return analyse_shards(folder, manifest, knowledge, Summary(jobs=jobs), run)
