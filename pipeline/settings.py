"""Settings from a TOML file and flags: frozen, typed, every fault reported together."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from pipeline.errors import LexiconError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run can be told. Each option stands beside its danger.

    ``min_confidence``: edits below it become suggestions. Lower it and doubtful edits enter the text: at 0.5 a
    site notice that may be the plan's own text is removed. 0.9 is the tested bar.
    ``lexicon``: False turns the curated typo table off (script conversion, names and site packs stay on).
    ``packs``: False turns all site packs off; the general rules still remove lines that are name and address.
    ``protect``: a file of words, one a line, that no stage may correct.
    ``typos``: a further typo table (columns as in ``typos.tsv``); its rows win over the curated ones.
    ``lm``: a KenLM model of your own in place of the shipped one. Trained on little or noisy text it corrects what is
    right; its bar was set with the shipped model, so look at the edits before you trust them.
    ``neural``: whether the network is asked: None, where the extra ``neural`` is installed; True, always; False, never.
    ``thorough``: the network reads all sentences, not only where the n-grams are in doubt; a third of the speed.
    ``sites``: a folder of further site packs.
    ``goal_types``: a taxonomy of goals of your own (form as ``goal_types.toml``) in place of the shipped one, which is
    of client managers in banks; a cue that is a common word makes a goal of every sentence that has it.
    ``text_column``: the column of tables that holds the text, where its name is not one of the usual.
    """

    min_confidence: float = 0.9
    lexicon: bool = True
    packs: bool = True
    protect: Path | None = None
    typos: Path | None = None
    lm: Path | None = None
    neural: bool | None = None
    thorough: bool = False
    sites: Path | None = None
    goal_types: Path | None = None
    text_column: str | None = None

    def __post_init__(self) -> None:
        """Raise :class:`UsageError` where two settings exclude each other."""
        if self.thorough and self.neural is False:
            raise UsageError("thorough asks the network of every sentence: leave --no-neural (neural = false) out")

    def with_options(self, options: Mapping[str, Any]) -> Settings:
        """Return these settings with the given (flag) values in place of those not None."""
        given = {name: value for name, value in options.items() if value is not None}
        return replace(self, **given)


_TYPES: dict[str, tuple[type, ...]] = {
    "min_confidence": (float, int),
    "lexicon": (bool,),
    "packs": (bool,),
    "protect": (str,),
    "typos": (str,),
    "lm": (str,),
    "neural": (bool,),
    "thorough": (bool,),
    "sites": (str,),
    "goal_types": (str,),
    "text_column": (str,),
}
_PATHS = {"protect", "typos", "lm", "sites", "goal_types"}


def load_settings(path: Path | None) -> Settings:
    """Return the settings of a TOML file (defaults without one); paths in it are relative to the file.

    Raises :class:`LexiconError` with all unknown names and wrong types together.
    """
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as TOML: {error}"]) from error
    known = [field.name for field in fields(Settings)]
    faults = [f"unknown setting {name!r}; known: {', '.join(known)}" for name in data if name not in known]
    for name, value in data.items():
        if name in _TYPES and (
            not isinstance(value, _TYPES[name]) or (isinstance(value, bool) and bool not in _TYPES[name])
        ):
            faults.append(f"{name} must be {' or '.join(t.__name__ for t in _TYPES[name])}, not {value!r}")
    bar = data.get("min_confidence", 0.9)
    if isinstance(bar, int | float) and not 0 <= bar <= 1:
        faults.append(f"min_confidence must lie between 0 and 1, not {bar}")
    if faults:
        raise LexiconError(path.name, faults)
    values = {name: (path.parent / value if name in _PATHS else value) for name, value in data.items()}
    return Settings(**values)
