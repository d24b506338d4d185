"""``qinggao analyse``: what a cleaned corpus says, once more, without cleaning."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipeline.cli.options import FILE, build_settings, engine_options, scheduler_of
from pipeline.runner import analyse_folder


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@engine_options
@click.option("--goal-types", type=FILE, help="A taxonomy of goals of your own (TOML) in place of the shipped one.")
@click.option("--config", type=FILE, help="Settings as TOML; flags win over it.")
def analyse(
    folder: Path, jobs: int | None, engine: str, scheduler: str | None, goal_types: Path | None, config: Path | None
) -> None:
    """Find themes, goals, targets, copies and quality of a cleaned corpus again, and write its tables anew.

    Texts and logs stay as they are. Exit code 0; 2 when DIR holds no finished run.
    """
    settings = build_settings(config, goal_types=goal_types)
    jobs, address = jobs or os.cpu_count() or 1, scheduler_of(engine, scheduler)
    summary = analyse_folder(folder, settings, jobs=jobs, scheduler=address)
    click.echo(f"analysed {summary.rows['corpus']} plan(s) of {summary.documents} document(s): {summary.found}")
    click.echo(f"wrote {folder}: {summary.listed}  ({summary.seconds:.1f} s)")
