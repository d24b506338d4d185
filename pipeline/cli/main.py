"""The command ``qinggao``: one module per command, no logic here."""

from __future__ import annotations

import signal
import sys

import click

from pipeline.cli.analyse import analyse
from pipeline.cli.clean import clean
from pipeline.cli.correct import correct
from pipeline.cli.explain import explain
from pipeline.cli.lm import lm
from pipeline.cli.report import report
from pipeline.cli.verify import verify
from pipeline.errors import QinggaoError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qinggao", prog_name="qinggao")
def cli() -> None:
    """清稿: a clean copy of scraped Chinese work plans, with a proof for every change."""


for command in (analyse, clean, correct, explain, lm, report, verify):
    cli.add_command(command)


def main() -> None:
    """Run the command line; errors of ours end in a message and exit code 2, an interrupt (Ctrl-C) in 130."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except QinggaoError as error:
        click.echo(f"qinggao: {error}", err=True)
        sys.exit(2)
    except click.Abort:
        click.echo("qinggao: interrupted; the same command goes on where this one ended", err=True)
        sys.exit(128 + signal.SIGINT)
