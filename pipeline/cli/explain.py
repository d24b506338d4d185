"""``qinggao explain``: every edit of a document in context."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.corpus import load_document


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("doc")
def explain(folder: Path, doc: str) -> None:
    """Print every edit of DOC (a doc_id or source path) of the output folder DIR: place, change, rule, confidence."""
    click.echo(load_document(folder, doc).explain())
