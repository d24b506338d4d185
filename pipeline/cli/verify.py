"""``qinggao verify``: the proof that nothing was lost."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.corpus import verify as verdicts


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Rebuild each input's bytes from clean text and log alone and compare digests; exit code 1 on any difference."""
    good, bad = 0, 0
    for verdict in verdicts(folder):
        good, bad = good + (not verdict.fault), bad + bool(verdict.fault)
        if verdict.fault:
            click.echo(f"{verdict.doc_id}: {verdict.fault}", err=True)
    click.echo(f"{good} document(s) rebuilt byte for byte, {bad} failed")
    sys.exit(1 if bad else 0)
