"""Stages as filters: each reads documents as JSON lines on standard input and writes them to standard output.

``python -m pipeline.stages.read FOLDER | python -m pipeline.stages.decode | … | python -m pipeline.stages.export``
gives the bytes of ``qinggao clean``. A quarantined input travels along as ``{"source", "reason"}``, what the corpus
taught, first of all, as ``{"sites"}`` and ``{"learned"}``.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from pipeline.batch.passes import FAULTS, gather_documents, knowledge_for, quarantined_table
from pipeline.batch.state import NAME, State
from pipeline.cli.options import build_settings, lexicon_options
from pipeline.engines import here
from pipeline.errors import InputError
from pipeline.export import folder, log
from pipeline.export.json_lines import to_line
from pipeline.export.log import batch_line, read_batch
from pipeline.export.shelf import Files
from pipeline.finish import Result, put, rows_of
from pipeline.knowledge import SiteLessons
from pipeline.lexicons.packs import LISTS, SitePack
from pipeline.model import Document, Evidence, Goal, Section, Unit
from pipeline.profile import Profile
from pipeline.publication import Layout, Material, Summary, Teaching, publish
from pipeline.route import observing_revised, running, sighting
from pipeline.rules.learned import Learned
from pipeline.rules.recurrence import MarkEvidence
from pipeline.stages.decode import to_document
from pipeline.stages.read import Quarantined, RawDocument, read
from pipeline.ways import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.knowledge import Knowledge

AT_ONCE = 100  # documents
HEADERS = frozenset({"sites", "learned"})
"""Lines before the documents: what the corpus taught."""


def pack(document: Document) -> dict[str, Any]:
    """Return a document as JSON values."""
    return {
        "doc_id": document.doc_id,
        "source": document.source,
        "source_text": document.source_text,
        "evidence": document.evidence._asdict(),
        "text": document.text,
        "batches": [batch_line(batch) for batch in document.batches],
        "sections": [asdict(section) for section in document.sections],
        "units": [asdict(unit) for unit in document.units],
        "notes": document.notes,
        "goals": document.goals,
    }


def unpack(values: dict[str, Any]) -> Document:
    """Return the document that :func:`pack` wrote."""
    evidence = values["evidence"]
    patches = tuple((at, length, raw) for at, length, raw in evidence["patches"])
    document = Document(
        values["doc_id"],
        values["source"],
        values["source_text"],
        Evidence(**(evidence | {"patches": patches})),
        batches=[read_batch(line) for line in values["batches"]],
        sections=[Section(**row) for row in values["sections"]],
        units=[Unit(**row) for row in values["units"]],
        notes=values["notes"],
        goals=_goals(values.get("goals")),
    )
    document.text = values["text"]
    return document


def _goals(rows: list[list[list[Any]]] | None) -> list[list[Goal]] | None:
    return None if rows is None else [[Goal(*row) for row in plan] for plan in rows]


def _write(values: dict[str, Any]) -> None:
    line = json.dumps(values, ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")


def _read(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in stream:
        if line.strip():
            yield json.loads(line)


def _filter(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    for values in _read(sys.stdin.buffer):
        _write(change(values) if "doc_id" in values else values)


def stage_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a text stage."""
    for option in (
        click.option("--min-confidence", type=click.FloatRange(0, 1), help="Edits below it are only suggested."),
        click.option("--no-packs", is_flag=True, help="Leave all site packs out."),
        lexicon_options,
    ):
        command = option(command)
    return command


def text_stage(name: str) -> None:
    """Run one text stage (or split) over standard input."""

    @click.command(help=f"The stage {name}: documents as JSON lines in, the same out.")
    @stage_options
    def main(**options: Any) -> None:
        headers, documents = _headed(sys.stdin.buffer)
        _pass_on(name, documents, _taught(knowledge_for(build_settings(**options)), headers), headers)

    main()


def _headed(stream: BinaryIO) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """Return what the corpus taught, which comes before the documents, and the lines after it."""
    lines, headers = _read(stream), dict[str, Any]()
    for values in lines:
        if not HEADERS.issuperset(values):
            return headers, chain([values], lines)
        headers |= values
    return headers, iter(())


def _taught(knowledge: Knowledge, headers: dict[str, Any]) -> Knowledge:
    if "sites" in headers:
        packs = tuple(
            SitePack(row["name"], **{part: tuple(row[part]) for part in LISTS}) for row in headers["sites"]["packs"]
        )
        knowledge = knowledge.taught(sites=SiteLessons(packs, headers["sites"]["draft"]))
    if "learned" in headers:
        knowledge = knowledge.taught(learned=tuple(Learned(**row) for row in headers["learned"]))
    return knowledge


def _pass_on(name: str, documents: Iterable[dict[str, Any]], knowledge: Knowledge, headers: dict[str, Any]) -> None:
    """Write the headers, then every document after the stage; a quarantined one as it is."""
    for key in sorted(headers):
        _write({key: headers[key]})
    for values in documents:
        if "doc_id" in values:
            document = unpack(values)
            alone(running(document, name, knowledge))
            _write(pack(document))
        else:
            _write(values)


def normalise_stage() -> None:
    """Run the stage normalise over standard input: twice over the documents, to see the site marks of all first."""

    @click.command(help="The stage normalise: documents as JSON lines in, the same out; learns site marks first.")
    @stage_options
    def main(**options: Any) -> None:
        knowledge, evidence = knowledge_for(build_settings(**options)), MarkEvidence()
        with tempfile.TemporaryFile() as waiting:
            for line in sys.stdin.buffer:
                waiting.write(line)
                values = json.loads(line)
                if "doc_id" in values:
                    with suppress(*FAULTS):
                        evidence.add(alone(sighting(unpack(values), knowledge)))
            waiting.seek(0)
            sites = knowledge.learn_sites(evidence)
            header = {"packs": [asdict(row) for row in sites.packs], "draft": sites.draft}
            _pass_on("normalise", _read(waiting), knowledge.taught(sites=sites), {"sites": header})

    main()


def correct_stage() -> None:
    """Run the stage correct over standard input: twice over the documents, since it learns from all of them first."""

    @click.command(help="The stage correct: documents as JSON lines in, the same out; learns from all of them first.")
    @stage_options
    def main(**options: Any) -> None:
        headers, documents = _headed(sys.stdin.buffer)
        knowledge, profile = _taught(knowledge_for(build_settings(**options)), headers), Profile()
        with tempfile.TemporaryFile() as waiting:
            for values in documents:
                waiting.write(to_line(values))
                if "doc_id" in values:
                    with suppress(*FAULTS):
                        profile.add(alone(observing_revised(unpack(values), knowledge)))
            waiting.seek(0)
            learned = knowledge.learn(profile)
            headers["learned"] = [row._asdict() for row in learned]
            _pass_on("correct", _read(waiting), knowledge.taught(learned=learned), headers)

    main()


def read_stage() -> None:
    """Read the paths given and write raw documents."""

    @click.command(help="The stage read: files and folders in, raw documents as JSON lines out.")
    @click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option("--text-column", help="The column of tables that holds the text.")
    def main(paths: tuple[Path, ...], text_column: str | None) -> None:
        for raw in read(list(paths), text_column):
            _write(raw._asdict() if isinstance(raw, Quarantined) else _raw_line(raw))

    main()


def _raw_line(raw: RawDocument) -> dict[str, Any]:
    return {
        "doc_id": raw.doc_id,
        "source": raw.source,
        "data": base64.b64encode(raw.data).decode(),
        "sha256": raw.sha256,
        "extracted": raw.extracted,
        "how": raw.how,
    }


def decode_stage() -> None:
    """Turn raw documents into documents; what is no text becomes a quarantine line."""

    def change(values: dict[str, Any]) -> dict[str, Any]:
        raw = RawDocument(**(values | {"data": base64.b64decode(values["data"])}))
        try:
            return pack(to_document(raw))
        except InputError as error:
            return Quarantined(raw.source, str(error))._asdict()

    _filter(change)


def export_stage() -> None:
    """Write the documents of standard input as an output folder."""

    @click.command(help="The stage export: split documents as JSON lines in, an output folder out.")
    @click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
    @lexicon_options
    @click.option("--no-packs", is_flag=True, help="As the stages before were told (for the manifest).")
    @click.option("--min-confidence", type=click.FloatRange(0, 1), help="As the stages before were told.")
    def main(out: Path, **options: Any) -> None:
        folder.check_output(out, [])
        headers, documents = _headed(sys.stdin.buffer)
        knowledge, summary = _taught(knowledge_for(build_settings(**options)), headers), Summary()
        with folder.locked(out):
            folder.prepare_files(out)
            state = State(out / NAME)
            state.prepare()
            targets = [
                _deliver(lot, state.shard(f"{number:06}"), out, knowledge, summary)
                for number, lot in enumerate(_lots(documents))
            ]
            material = Material(targets, quarantined_table([]), Teaching.of(knowledge))
            publish(material, out, Layout(), summary, here)
            state.keep_only(targets)
        click.echo(f"wrote {out}: {summary.documents} document(s)", err=True)

    main()


def _lots(lines: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while lot := list(islice(lines, AT_ONCE)):
        yield lot


def _deliver(lines: list[dict[str, Any]], target: Path, out: Path, knowledge: Knowledge, summary: Summary) -> Path:
    """Write some documents and their rows; return where these lie."""
    shelf = Files(out)

    def finished(document: Document) -> Result:
        text, lines = log.dump(document, knowledge.passes)
        return Result(rows_of(document, knowledge) | put(document, shelf, text, lines), kept=False)

    shutil.rmtree(target, ignore_errors=True)
    items = (Quarantined(**line) if "reason" in line else finished(unpack(line)) for line in lines)
    outcome = gather_documents(items, "seals")(target)
    summary.add(outcome)
    return outcome.target
