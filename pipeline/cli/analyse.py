"""``qinggao analyse``: what a cleaned corpus says, once more, without cleaning."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipeline.cli.options import FILE, build_settings
from pipeline.runner import analyse_folder


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--jobs", default=None, type=click.IntRange(min=1), help="Worker processes; all cores by default.")
@click.option("--goal-types", type=FILE, help="A taxonomy of goals of your own (TOML) in place of the shipped one.")
@click.option("--config", type=FILE, help="Settings as TOML; flags win over it.")
def analyse(folder: Path, jobs: int | None, goal_types: Path | None, config: Path | None) -> None:
    """Find themes, goals, targets, copies and quality of a cleaned corpus again, and write its tables anew.

    Texts and logs stay as they are. Exit code 0; 2 when DIR holds no finished run.
    """
    settings = build_settings(config, goal_types=goal_types)
    summary = analyse_folder(folder, settings, jobs=jobs or os.cpu_count() or 1)
    click.echo(f"analysed {summary.rows['corpus']} plan(s) of {summary.documents} document(s): {summary.found}")
    click.echo(f"wrote {folder}: {summary.listed}  ({summary.seconds:.1f} s)")
