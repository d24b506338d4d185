"""Bad days: runs killed, disks full, results damaged, documents that kill; what follows equals an undisturbed run."""

from __future__ import annotations

import faulthandler
import gzip
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline import runner
from pipeline.batch import passes
from pipeline.corpus import verify
from pipeline.engines.pool import workers
from pipeline.errors import UsageError, WorkerError
from pipeline.export import folder
from pipeline.inputs import shards
from pipeline.lm.corrector import Corrector
from pipeline.lm.memory import Looked
from tests.soak.corpora import write_corpus
from tests.test_runner import tables, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.ways import Way

if sys.platform != "linux":
    pytest.skip("processes are killed and watched as Linux does it", allow_module_level=True)

from tests.soak.command import Command, files_in

LAYOUTS = ("files", "parts")
TOLD = {"manifest.json", "quarantined.csv", "quarantined.parquet", "quarantined/part-00000.parquet"}


class Corpus(NamedTuple):
    """A corpus, and what undisturbed runs make of it, by layout."""

    raw: Path
    wanted: dict[str, Path]
    analysis: bool

    def clean(self, out: Path, **orders: Any) -> pipeline.Summary:
        return pipeline.clean_folder(self.raw, out, analysis=self.analysis, **orders)

    def same(self, out: Path, layout: str) -> bool:
        wanted = self.wanted[layout]
        database = layout == "parts" or tables(out) == tables(wanted)
        return tree(out) == tree(wanted) and database and not list(out.rglob("*.part"))


def make_corpus(place: Path, *, analysis: bool) -> Corpus:
    raw = write_corpus(place / "raw", seed=1, documents=5, chars=400)
    corpus = Corpus(raw, {layout: place / layout for layout in LAYOUTS}, analysis)
    for layout, wanted in corpus.wanted.items():
        corpus.clean(wanted, layout=layout)
    return corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("faults"), analysis=False)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("analysed"), analysis=True)


def start(corpus: Corpus, out: Path, layout: str = "files", **limits: Any) -> Command:
    analysis = [] if corpus.analysis else ["--no-analysis"]
    _, said = tempfile.mkstemp(dir=corpus.raw.parent)  # there is room
    options = ["--out", out, "--layout", layout, "--jobs", 2, "--no-neural", *analysis]
    return Command(Path(said), "clean", corpus.raw, *options, **limits)


def without(tree: dict[str, bytes], names: set[str] = TOLD) -> dict[str, bytes]:
    return {name: data for name, data in tree.items() if name not in names}


# Killed


@pytest.mark.parametrize("kind", ["worker", "main", "group"])
@pytest.mark.parametrize(("layout", "seed"), [("files", 1), ("parts", 2)])
def test_a_killed_run_is_finished_by_the_same_command(
    kind: str, layout: str, seed: int, analysed: Corpus, tmp_path: Path
):
    rng, out = Random(f"{kind} {seed}"), tmp_path / "out"
    command = start(analysed, out, layout)
    command.reach(rng.randrange(4, files_in(analysed.wanted[layout])), out)
    if kind == "worker":
        command.kill_one_of(command.workers(), rng)
        assert command.wait() == 0, "a lost worker stops nothing"
    else:
        command.kill() if kind == "main" else command.kill_group()
        command.wait()
        analysed.clean(out, layout=layout, jobs=2)
    command.wait_for_all()
    assert analysed.same(out, layout)


def test_what_ctrl_c_and_sigterm_stop_is_told_and_goes_on(corpus: Corpus, tmp_path: Path):
    out = tmp_path / "out"
    command = start(corpus, out)
    command.reach(6, out)
    command.kill_group(signal.SIGINT)
    assert command.wait() == 130
    command.wait_for_all()
    said = command.said.read_text(encoding="utf-8")
    assert said.strip() == "qinggao: interrupted; the same command goes on where this one ended"
    command = start(corpus, out)
    command.reach(20, out)
    command.kill(signal.SIGTERM)
    assert command.wait() == -signal.SIGTERM
    command.wait_for_all()
    assert "Traceback" not in command.said.read_text(encoding="utf-8")
    corpus.clean(out)
    assert corpus.same(out, "files")


def test_idle_workers_that_are_killed_are_replaced():
    with workers(2) as run:
        assert list(run(abs, [-1, -2, -3])) == [1, 2, 3]
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        assert list(run(abs, range(-20, 0))) == list(range(20, 0, -1))


def test_a_task_that_kills_every_worker_is_told():
    with workers(2) as run, pytest.raises(WorkerError, match=r"died 3 times .*fewer --jobs"):
        list(run(partial(signal.raise_signal), [signal.SIGKILL]))


def test_the_lock_lasts_as_long_as_the_last_process_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folder, "PATIENCE", 0.1)
    here, there = os.pipe()
    pid = os.fork()
    if not pid:
        with suppress(BaseException), folder.locked(tmp_path):
            os.close(there)
            if os.fork():
                os.kill(os.getpid(), signal.SIGKILL)
            os.read(here, 1)
        os._exit(0)
    os.close(here)
    os.waitpid(pid, 0)
    with pytest.raises(UsageError, match="another run of qinggao writes here; wait"), folder.locked(tmp_path):
        pass
    os.close(there)
    monkeypatch.setattr(folder, "PATIENCE", 60)
    with folder.locked(tmp_path):
        pass


def test_two_runs_at_once_write_one_after_the_other(corpus: Corpus, tmp_path: Path):
    out = tmp_path / "out"
    first = start(corpus, out)
    first.reach(3, out)
    assert not corpus.clean(out).faults
    assert first.wait() == 0
    assert corpus.same(out, "files")


def test_half_published_is_no_finished_run(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "out"
    shutil.copytree(corpus.wanted["files"], out)
    (out / "report").mkdir()
    (out / "report" / "index.html").write_text("mine", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted_at("edits.parquet", Path.replace))
        with pytest.raises(KeyboardInterrupt):
            corpus.clean(out, force=True)
    with pytest.raises(UsageError, match="holds no finished run"):
        list(verify(out))
    corpus.clean(out)
    assert (out / "report" / "index.html").read_text(encoding="utf-8") == "mine"
    shutil.rmtree(out / "report")
    assert corpus.same(out, "files")


def interrupted_at(name: str, call: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
    def replace(path: Path, target: Path) -> Path:
        if target.name == name:
            raise KeyboardInterrupt
        return call(path, target)

    return replace


# Full


def check_full(command: Command) -> None:
    assert command.wait() == 2
    command.wait_for_all()
    said = command.said.read_text(encoding="utf-8")
    assert re.fullmatch(
        r"qinggao: .*/out: cannot be written \(.*\); free space or choose another folder with --out, "
        r"then run the same command again: what is finished is kept\n",
        said,
        re.DOTALL,
    ), said
    assert "Traceback" not in said


@pytest.mark.parametrize(("layout", "size"), [("files", 3_000), ("parts", 10_000)])
def test_a_limit_of_file_sizes_is_told(layout: str, size: int, corpus: Corpus, tmp_path: Path):
    out = tmp_path / "out"
    check_full(start(corpus, out, layout, largest_file=size))
    corpus.clean(out, layout=layout)
    assert corpus.same(out, layout)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Yield what gives a disk of so many bytes, or the same one another size."""
    place = tmp_path / "disk"
    place.mkdir()

    def sized(size: int) -> Path:
        again = ["-o", "remount"] if place.is_mount() else []
        command = ["mount", "-t", "tmpfs", *again, "-o", f"size={size}", "tmpfs", str(place)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("only root may mount a disk")
        return place

    yield sized
    subprocess.run(["umount", str(place)], check=False, capture_output=True)


def test_a_full_disk_is_told_and_what_is_finished_is_kept(small_disk: Callable[[int], Path], corpus: Corpus):
    for size in (60_000, 2_000_000):
        out = small_disk(size) / "out"
        check_full(start(corpus, out))
    small_disk(100_000_000)
    corpus.clean(out)
    assert corpus.same(out, "files")


# Damaged


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    first, *_ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first)


def files_of(state: Path, pattern: str) -> list[Path]:
    found = sorted(state.glob(pattern))
    assert found
    return found


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a shard with another byte": lambda out: [flip(p) for p in files_of(out, ".state/shards/*/edits.parquet")],
    "a seal with another byte": lambda out: flip(files_of(out, ".state/shards/*/seal.json")[0]),
    "a shard without a file": lambda out: [p.unlink() for p in files_of(out, ".state/shards/*/plans.parquet")[:2]],
    "evidence cut short": lambda out: [cut_short(p) for p in files_of(out, ".state/evidence/*")],
    "evidence lost": lambda out: [p.unlink() for p in files_of(out, ".state/evidence/*")[::2]],
    "a broken note": lambda out: (out / ".state" / "finished.json").write_text('{"seal": 1}', encoding="utf-8"),
    "no state": lambda out: shutil.rmtree(out / ".state"),
    "work left behind": lambda out: shutil.copytree(out / "text", out / ".work"),
    "half written": lambda out: (out / "text" / ".1-000.txt.0123abcd.part").write_bytes(b"\xe4"),
    "a lock left behind": lambda out: (out / ".lock").write_text("1", encoding="utf-8"),
    "a text lost": lambda out: files_of(out, "text/*")[0].unlink(),
    "a table with another byte": lambda out: flip(out / "edits.parquet"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_made_anew(damage: str, corpus: Corpus, tmp_path: Path):
    out = tmp_path / "out"
    shutil.copytree(corpus.wanted["files"], out)
    (out / "manifest.json").unlink()
    DAMAGE[damage](out)
    corpus.clean(out)
    assert corpus.same(out, "files")


def test_damaged_parts_of_an_earlier_run_are_no_help(corpus: Corpus, tmp_path: Path):
    out = tmp_path / "out"
    shutil.copytree(corpus.wanted["parts"], out)
    for path in files_of(out, ".state/shards/*/documents.parquet"):
        path.write_bytes(path.read_bytes()[:-40])
        path.parent.rename(path.parent.with_name(f"of-another-version-{path.parent.name}"))
    corpus.clean(out, layout="parts", force=True)
    assert corpus.same(out, "parts")


# Inputs


def lines(texts: list[str]) -> bytes:
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()


def test_a_table_that_breaks_off_gives_its_rows(tmp_path: Path):
    raw, whole = tmp_path / "raw", tmp_path / "whole"
    texts = [f"努厉做好第{number}项工作。" for number in range(110)]
    for place in (raw, whole):
        place.mkdir()
        (place / "plan.txt").write_text("教师工作计划\n题高质量。\n", encoding="utf-8")
    # Level 0 keeps the rows readable up to the cut.
    (raw / "rows.jsonl.gz").write_bytes(gzip.compress(lines(texts), compresslevel=0)[:-60])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": texts}), sink, use_dictionary=False, compression="none")
    damaged = bytearray(sink.getvalue().to_pybytes())
    damaged[4:40] = bytes(36)  # the head of the first page
    (raw / "pages.parquet").write_bytes(damaged)
    (whole / "rows.jsonl").write_bytes(lines(texts[:-1]))
    told = [
        (fault.source, fault.reason) for fault in pipeline.clean_folder(raw, tmp_path / "out", analysis=False).faults
    ]
    assert [source for source, _ in told] == ["pages.parquet", "rows.jsonl.gz#110"]
    assert "is no readable Parquet file" in told[0][1]
    assert "cut short; fetch it again; the rows from this one on were not read" in told[1][1]
    pipeline.clean_folder(whole, tmp_path / "wanted", analysis=False)
    out, wanted = ({n: d for n, d in tree(tmp_path / name).items() if "text/" in n} for name in ("out", "wanted"))
    assert out == wanted


@pytest.mark.parametrize("moment", ["unlinked", "being written"])
def test_a_file_that_changes_while_it_is_read_is_tried_again(
    moment: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    raw, out = tmp_path / "raw", tmp_path / "out"
    shutil.copytree(corpus.raw, raw)
    path = raw / "1-002.txt"
    data = path.read_bytes()

    def cut(*args: Any) -> Any:
        found = shards.cut(*args)
        path.unlink() if moment == "unlinked" else path.write_bytes(data[: len(data) // 2])
        return found

    def publish(*args: Any) -> None:
        path.write_bytes(data)
        publication(*args)

    publication = runner.publish
    with monkeypatch.context() as patch:
        patch.setattr(runner, "cut", cut)
        patch.setattr(runner, "publish", publish)
        faults = pipeline.clean_folder(raw, out, analysis=False).faults
    assert [fault.source for fault in faults] == (["1-002.txt"] if moment == "unlinked" else [])
    assert not corpus.same(out, "files")
    pipeline.clean_folder(raw, out, analysis=False)
    assert corpus.same(out, "files")


# Poison


def die() -> None:
    faulthandler.disable()
    signal.raise_signal(signal.SIGSEGV)


def hang() -> None:
    re.match("(a|a)*$", "a" * 64 + "b")


def exhaust() -> None:
    raise MemoryError


def recurse() -> None:
    recurse()


PLACES = {"sight": "sighting", "observe": "observing", "clean": "finishing"}


@contextmanager
def poisoned(patch: pytest.MonkeyPatch, deaths: dict[str, tuple[str, Callable[[], None]]]) -> Iterator[None]:
    """Let something happen to documents in the middle of a pass: name → (pass, what happens)."""

    def fatal(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def step(document: Any, *args: Any, **options: Any) -> Any:
            place, death = deaths.get(document.doc_id, ("", die))
            way = call(document, *args, **options)
            return stricken(way, death) if place == name else way

        return step

    def stricken(way: Way[Any], death: Callable[[], None]) -> Way[Any]:
        """Go on until others have been looked at together with it, where the pass has such a place."""
        for reading in way:
            yield reading
            break
        death()
        return (yield from way)

    with patch.context() as within:
        for name, step in PLACES.items():
            within.setattr(passes, step, fatal(name, getattr(passes, step)))
        yield


@pytest.mark.parametrize(
    ("layout", "deaths", "reason"),
    [
        pytest.param("files", {"1-001": ("sight", die)}, "signal SIGSEGV", id="sight"),
        pytest.param("files", {"1-001": ("observe", die), "1-004": ("clean", die)}, "signal SIGSEGV", id="two"),
        pytest.param("files", {"1-003": ("clean", hang)}, "took longer than 2 seconds for each megabyte", id="hang"),
        pytest.param("parts", {"1-003": ("clean", exhaust)}, "MemoryError.*please report", id="memory"),
        pytest.param("files", {"1-000": ("observe", recurse)}, "RecursionError.*please report", id="recursion"),
    ],
)
def test_a_poison_document_is_quarantined_and_nobody_else_is_harmed(  # noqa: PLR0917 - fixtures
    layout: str, deaths: dict[str, Any], reason: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    raw, out, fresh, whole = (tmp_path / name for name in ("raw", "out", "fresh", "whole"))
    monkeypatch.setattr(shards, "_begins", lambda *_: False)  # all in one
    with poisoned(monkeypatch, deaths):
        faults = corpus.clean(out, layout=layout, time_limit=2.0).faults
    assert [fault.source for fault in faults] == [f"{name}.txt" for name in sorted(deaths)]
    assert all(re.search(reason, fault.reason) for fault in faults), faults
    shutil.copytree(corpus.raw, raw)
    for name in deaths:
        (raw / f"{name}.txt").unlink()
    pipeline.clean_folder(raw, fresh, layout=layout, analysis=False)
    assert without(tree(out)) == without(tree(fresh))
    corpus.clean(out, layout=layout)
    corpus.clean(whole, layout=layout)
    assert tree(out) == tree(whole), "what is cured is taken back"
    assert learned(whole) != learned(fresh), "it would have taught the others something"


def learned(out: Path) -> tuple[str, list[Any]]:
    (path,) = folder.parquet_files(out, "learned_table")
    return (out / "learned_pack.toml").read_text(encoding="utf-8"), pq.read_table(path).to_pylist()


def test_a_poison_document_is_tried_again_by_the_next_run(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    with poisoned(monkeypatch, {"1-001": ("observe", exhaust)}):
        first = corpus.clean(out)
        before = tree(out)
        again = corpus.clean(out)
    assert (again.kept, again.faults, tree(out)) == (4, first.faults, before)
    corpus.clean(out)
    assert corpus.same(out, "files")


def test_what_fails_for_want_of_what_others_took_is_tried_alone(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shards, "_begins", lambda *_: False)  # all in one
    times: list[str] = []

    def once() -> None:
        if not times:
            times.append("now")
            raise MemoryError

    with poisoned(monkeypatch, {"1-003": ("observe", once)}):
        assert corpus.clean(tmp_path).faults == []
    assert times
    assert corpus.same(tmp_path, "files")


def test_without_looking_ahead_all_comes_out_the_same(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shards, "_begins", lambda *_: False)  # all in one
    calls: list[int] = []

    def fail(_: Any, texts: list[str]) -> None:
        calls.append(len(texts))
        raise MemoryError

    monkeypatch.setattr(Looked, "ahead", fail)
    monkeypatch.setattr(Corrector, "look_ahead", fail)
    assert corpus.clean(tmp_path).faults == []
    assert max(calls, default=0) > 1
    assert corpus.same(tmp_path, "files")


# Increments


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the passes that are run, with their documents, as they are."""
    found: list[str] = []

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def step(document: Any, *args: Any, **options: Any) -> Any:
            found.append(f"{name} {document.doc_id}")
            return call(document, *args, **options)

        return step

    for name, step in PLACES.items():
        monkeypatch.setattr(passes, step, watched(name, getattr(passes, step)))
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_change_redoes_only_what_it_touches(layout: str, taken: list[str], tmp_path: Path):
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()

    def write(name: str, text: str) -> None:
        (raw / f"{name}.txt").write_text(f"{text}工作计划\n一、努厉学习\n题高{text}质量。\n", encoding="utf-8")

    def run() -> list[str]:
        taken.clear()
        pipeline.clean_folder(raw, out, layout=layout, analysis=False)
        found = sorted(taken)
        fresh = tmp_path / f"fresh-{len(list(tmp_path.iterdir()))}"
        pipeline.clean_folder(raw, fresh, layout=layout, analysis=False)
        assert tree(out) == tree(fresh)
        return found

    for name, text in {"a": "护士", "b": "教师", "c": "社区"}.items():
        write(name, text)
    assert run() == [f"{which} {name}" for which in ("clean", "observe", "sight") for name in "abc"]
    assert run() == []
    write("b", "校长")
    assert run() == ["clean b", "observe b", "sight b"]
    write("d", "销售")
    assert run() == ["clean d", "observe d", "sight d"]
    (raw / "a.txt").unlink()
    assert run() == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_passes_finished_is_kept(
    layout: str, corpus: Corpus, taken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"

    def interrupt(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runner, "merged", interrupted)
        with pytest.raises(KeyboardInterrupt):
            corpus.clean(out, layout=layout)
    with pytest.raises(KeyboardInterrupt):
        corpus.clean(out, layout=layout, progress=interrupt)
    corpus.clean(out, layout=layout)
    assert len(taken) == len(set(taken)) == 15
    assert corpus.same(out, layout)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


# A cluster


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(corpus: Corpus, tmp_path: Path):
    distributed = pytest.importorskip("distributed")
    import psutil  # noqa: PLC0415 - comes with Dask

    out = tmp_path / "out"
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster:
        victim = psutil.Process(next(iter(cluster.workers.values())).pid)

        def kill(done: int, _: int) -> None:
            if done == 2:
                victim.kill()

        corpus.clean(out, scheduler=cluster.scheduler_address, progress=kill)
    assert not victim.is_running()
    assert corpus.same(out, "files")
