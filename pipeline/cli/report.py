"""``qinggao report``: pictures of the corpus and side-by-side differences, as pages that open offline."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import FILE, build_settings
from pipeline.lexicons.goals import load_taxonomy
from pipeline.report import MOST_DOCUMENTS


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--documents",
    default=MOST_DOCUMENTS,
    show_default=True,
    type=click.IntRange(min=0),
    help="Show at most this many documents side by side.",
)
@click.option(
    "--goal-types", type=FILE, help="The taxonomy (TOML) that DIR was made with: it holds the names of goals."
)
@click.option("--config", type=FILE, help="Settings as TOML; flags win over it.")
def report(folder: Path, documents: int, goal_types: Path | None, config: Path | None) -> None:
    """Write DIR/report: the corpus at a glance, and each document with every edit; open its index.html.

    Exit code 0; 2 when DIR holds no finished run of this version.
    """
    from pipeline.report.build import write_report  # noqa: PLC0415 - other commands start without it

    chosen = build_settings(config, goal_types=goal_types).goal_types
    taxonomy = load_taxonomy(chosen) if chosen else load_taxonomy()
    names = {one.id: one.name for one in taxonomy.types}
    summary = write_report(folder, goal_names=names, documents=documents)
    left = f"; {summary.left_out} more are not shown side by side (--documents)" if summary.left_out else ""
    click.echo(f"wrote {summary.start}: {summary.pages} pages, {summary.documents} document(s) side by side{left}")
