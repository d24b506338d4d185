"""``qinggao clean``: the whole way, from a folder of scraped plans to a clean corpus."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from pipeline.cli.options import FILE, build_settings, engine_options, lexicon_options, scheduler_of, tell_of_network
from pipeline.runner import Orders, clean_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.publication import Summary


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "--out",
    default=Path("data/clean"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Output folder.",
)
@engine_options
@lexicon_options
@click.option("--no-packs", is_flag=True, help="Leave all site packs out.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="Edits below it are only suggested (default 0.9).")
@click.option("--goal-types", type=FILE, help="A taxonomy of goals of your own (TOML) in place of the shipped one.")
@click.option("--text-column", help="The column of tables that holds the text.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, write nothing.")
@click.option("--force", is_flag=True, help="Redo unchanged inputs as well.")
@click.option("--no-analysis", is_flag=True, help="Clean only; qinggao analyse finds goals, themes and copies later.")
@click.option(
    "--layout",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "files", "parts"]),
    help="A file for each table and text, or Parquet parts with many documents each; auto: parts for a large corpus.",
)
@click.option("--csv", "as_csv", is_flag=True, help="CSV and corpus.jsonl of a corpus in parts, too.")
@click.option(
    "--time-limit",
    default=300.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Seconds that a document may take for each megabyte; one that takes longer is quarantined.",
)
def clean(
    inputs: tuple[str, ...],
    out: Path,
    jobs: int | None,
    no_lexicon: bool,
    protect: Path | None,
    lm: Path | None,
    no_neural: bool,
    thorough: bool,
    config: Path | None,
    no_packs: bool,
    min_confidence: float | None,
    goal_types: Path | None,
    text_column: str | None,
    dry_run: bool,
    force: bool,
    no_analysis: bool,
    layout: str,
    as_csv: bool,
    time_limit: float,
    engine: str,
    scheduler: str | None,
) -> None:
    """Clean files, folders and URLs (default data/raw) into a corpus: tables, texts and a log that proves every change.

    Exit code 0; 1 when an input was quarantined; 2 when the command cannot run as given.
    """
    settings = build_settings(
        config,
        no_lexicon=no_lexicon,
        no_packs=no_packs,
        protect=protect,
        lm=lm,
        no_neural=no_neural,
        thorough=thorough,
        min_confidence=min_confidence,
        goal_types=goal_types,
        text_column=text_column,
    )
    tell_of_network(settings)
    orders = Orders(
        jobs=jobs or os.cpu_count() or 1,
        scheduler=scheduler_of(engine, scheduler),
        force=force,
        layout=layout,
        as_csv=as_csv,
        analysis=not no_analysis,
        time_limit=time_limit,
    )
    with _Bar() as bar:
        summary = clean_folder(inputs or ["data/raw"], out, settings, orders, dry_run=dry_run, progress=bar.show)
    _report(summary, out, dry_run=dry_run)
    sys.exit(1 if summary.counts["quarantined"] else 0)


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
    counts = summary.counts
    verb = "would clean" if dry_run else "cleaned"
    kept = f" ({summary.kept} unchanged, kept)" if summary.kept else ""
    click.echo(
        f"{verb} {summary.documents} document(s){kept}: {counts['plans']} plans, {counts['edits']} edits, "
        f"{counts['suggestions']} suggestions"
    )
    for note in summary.notes:
        click.echo(f"  {note}")
    if summary.learned:
        click.echo(f"  the corpus taught {summary.learned} substitution(s): look through learned_table.csv")
    if summary.sites:
        click.echo(f"  the corpus taught {summary.sites} site mark(s): look through learned_pack.toml")
    if counts["long_cells"]:
        click.echo(
            f"  {counts['long_cells']} plan(s) exceed a spreadsheet cell (32,767 characters): read corpus.parquet"
        )
    if summary.removed:
        click.echo(f"  removed the results of {summary.removed} vanished input(s)")
    for fault in summary.faults:
        click.echo(f"  quarantined {fault.source}: {fault.reason}", err=True)
    if (more := counts["quarantined"] - len(summary.faults)) > 0:
        click.echo(f"  {more} more quarantined: read the table quarantined", err=True)
    if not dry_run:
        click.echo(f"  found {summary.found}")
        verb = "kept" if summary.unchanged else "wrote"
        click.echo(f"{verb} {out}: {summary.listed}  ({summary.seconds:.1f} s)")
