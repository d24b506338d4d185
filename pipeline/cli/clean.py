"""``qinggao clean``: the whole way, from a folder of scraped plans to a clean corpus."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from pipeline.cli.options import FILE, build_settings, lexicon_options
from pipeline.runner import clean_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.publication import Summary


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--out",
    default=Path("data/clean"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Output folder.",
)
@click.option("--jobs", default=None, type=click.IntRange(min=1), help="Worker processes; all cores by default.")
@lexicon_options
@click.option("--no-packs", is_flag=True, help="Leave all site packs out.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="Edits below it are only suggested (default 0.9).")
@click.option("--goal-types", type=FILE, help="A taxonomy of goals of your own (TOML) in place of the shipped one.")
@click.option("--text-column", help="The column of tables that holds the text.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, write nothing.")
@click.option("--force", is_flag=True, help="Redo unchanged inputs as well.")
def clean(
    inputs: tuple[Path, ...],
    out: Path,
    jobs: int | None,
    no_lexicon: bool,
    protect: Path | None,
    lm: Path | None,
    config: Path | None,
    no_packs: bool,
    min_confidence: float | None,
    goal_types: Path | None,
    text_column: str | None,
    dry_run: bool,
    force: bool,
) -> None:
    """Clean files and folders (default data/raw) into a corpus: tables, texts and a log that proves every change.

    Exit code 0; 1 when an input was quarantined; 2 when the command cannot run as given.
    """
    settings = build_settings(
        config,
        no_lexicon=no_lexicon,
        no_packs=no_packs,
        protect=protect,
        lm=lm,
        min_confidence=min_confidence,
        goal_types=goal_types,
        text_column=text_column,
    )
    paths = list(inputs) or [Path("data/raw")]
    with _Bar() as bar:
        summary = clean_folder(
            paths,
            out,
            settings,
            jobs=jobs or os.cpu_count() or 1,
            force=force,
            dry_run=dry_run,
            progress=bar.show,
        )
    _report(summary, out, dry_run=dry_run)
    sys.exit(1 if summary.quarantined else 0)


class _Bar:
    """A progress bar on standard error, only on a terminal."""

    def __enter__(self) -> Self:
        from rich.console import Console  # noqa: PLC0415 - rich takes 0.1 s to import
        from rich.progress import Progress  # noqa: PLC0415

        self._progress = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
        self._progress.start()
        self._task = self._progress.add_task("documents", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def show(self) -> Callable[[int, int], None]:
        return lambda done, total: self._progress.update(self._task, completed=done, total=total)


def _report(summary: Summary, out: Path, *, dry_run: bool) -> None:
    plans = sum(record["plans"] for record in summary.records)
    edits = sum(record["edits"] for record in summary.records)
    hints = sum(record["suggestions"] for record in summary.records)
    verb = "would clean" if dry_run else "cleaned"
    kept = f" ({summary.kept} unchanged, kept)" if summary.kept else ""
    click.echo(f"{verb} {len(summary.records)} document(s){kept}: {plans} plans, {edits} edits, {hints} suggestions")
    for record in summary.records:
        for note in record["notes"]:
            click.echo(f"  {record['source']}: {note}")
    if summary.learned:
        click.echo(f"  the corpus taught {summary.learned} substitution(s): look through learned_table.csv")
    if summary.sites:
        click.echo(f"  the corpus taught {summary.sites} site mark(s): look through learned_pack.toml")
    if summary.long_cells:
        click.echo(f"  {summary.long_cells} plan(s) exceed a spreadsheet cell (32,767 characters): read corpus.parquet")
    if summary.removed:
        click.echo(f"  removed the results of {summary.removed} vanished input(s)")
    for quarantined in sorted(summary.quarantined):
        click.echo(f"  quarantined {quarantined.source}: {quarantined.reason}", err=True)
    if not dry_run:
        click.echo(f"  found {summary.found}")
        click.echo(f"wrote {out}: {summary.listed}, text/, log/  ({summary.seconds:.1f} s)")
