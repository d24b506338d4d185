"""Options that several commands take, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.lm.network import installed
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_OPTIONS = (
    click.option("--no-lexicon", is_flag=True, help="Leave the curated typo and synonym tables out."),
    click.option("--protect", type=FILE, help="Words that are never corrected: UTF-8, one a line."),
    click.option("--lm", type=FILE, help="A KenLM model of your own in place of the shipped one."),
    click.option("--no-neural", is_flag=True, help="Leave the network out, also where it is installed."),
    click.option("--thorough", is_flag=True, help="Ask the network of every sentence: finds more, takes much longer."),
    click.option("--config", type=FILE, help="Settings as TOML; flags win over it."),
)


_ENGINE = (
    click.option("--jobs", default=None, type=click.IntRange(min=1), help="Worker processes; all cores by default."),
    click.option(
        "--engine", default="pool", show_default=True, type=click.Choice(["pool", "dask"]), help="What works."
    ),
    click.option("--scheduler", metavar="ADDRESS", help="The Dask scheduler, such as tcp://host:8786."),
)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what does the work; see :func:`scheduler_of`."""
    for option in reversed(_ENGINE):
        command = option(command)
    return command


def scheduler_of(engine: str, scheduler: str | None) -> str:
    """Return the address of the scheduler, empty for the pool; raises :class:`click.UsageError` for half an order."""
    if (engine == "dask") != bool(scheduler):
        raise click.UsageError("--engine dask and --scheduler ADDRESS go together")
    return scheduler or ""


def lexicon_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose lexicons."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_FLAGS = {
    "no_lexicon": {"lexicon": False},
    "no_packs": {"packs": False},
    "no_neural": {"neural": False},
    "thorough": {"thorough": True},
}
"""Flag → the settings that it makes."""


def build_settings(config: Path | None, **given: Any) -> Settings:
    """Return the settings of the config file with the given flags and options over them."""
    options: dict[str, Any] = {name: value for name, value in given.items() if name not in _FLAGS}
    if given.get("no_neural"):
        options["thorough"] = False  # of the file; together with the flag it is refused
    for name, change in _FLAGS.items():
        options |= change if given.get(name) else {}
    return load_settings(config).with_options(options)


def tell_of_network(settings: Settings) -> None:
    """Say on standard error that the network is not asked because what runs it is not installed."""
    if settings.neural is None and not settings.thorough and not installed():
        click.echo(
            "the network is left out: pip install 'qinggao[neural]' to use it, --no-neural for no word of it", err=True
        )
