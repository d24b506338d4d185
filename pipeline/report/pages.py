"""The pages as files: templates filled, everything escaped, the assets beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.report.charts import level
from pipeline.report.reasons import in_chinese
from pipeline.report.text import data_block, visible
from pipeline.report.words import both, load_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.report.places import Page
    from pipeline.report.sides import Sheet

ASSETS = Path(__file__).parent / "assets"
NAVIGATION = ("index", "documents", "plans", "themes", "goals", "copies", "quality")


class Pages:
    """Writes pages into ``folder``.

    ``goal_names`` maps a goal type's id to its Chinese name; ``several`` says to name documents beside plans.
    """

    def __init__(self, folder: Path, goal_names: Mapping[str, str], *, several: bool) -> None:
        self.folder, self.written = folder, 0
        self._environment = _environment(goal_names)
        self._environment.globals["several"] = several
        (folder / "assets").mkdir(parents=True)
        (folder / "documents").mkdir()
        for path in sorted(ASSETS.iterdir()):
            (folder / "assets" / path.name).write_bytes(path.read_bytes())

    def write(self, name: str, **values: Any) -> None:
        """Write the page ``name`` from the template of that name."""
        self._render(f"{name}.html", f"{name}.html", {"root": "", "page": name, **values})

    def document(self, record: Mapping[str, Any], sheet: Sheet, pages: Sequence[Page], at: int) -> None:
        """Write the ``at``-th page (from 0) of a document from its sheet; ``record`` is its line of the manifest."""
        values = {"root": "../", "page": "documents", "record": record, "sheet": sheet, "pages": pages, "at": at}
        self._render("document.html", pages[at].path, values)

    def _render(self, template: str, path: str, values: dict[str, Any]) -> None:
        text = self._environment.get_template(template).render(values)
        # A file name of the inputs may hold half a character; nothing else of that kind is left.
        (self.folder / path).write_bytes(text.encode("utf-8", "backslashreplace"))
        self.written += 1


def _environment(goal_names: Mapping[str, str]) -> Environment:
    words = load_words()

    def goal_name(goal_type: str) -> Markup:
        return both(goal_names.get(goal_type, goal_type), goal_type)

    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        t=words.say,
        goal_name=goal_name,
        name=words.name,
        unit=words.unit,
        chinese=in_chinese,
        both=both,
        level=level,
        navigation=NAVIGATION,
    )
    environment.filters.update(
        num=lambda value: f"{value:,}", data=data_block, shown=visible, rate=_rate, percent=_percent, short=_short
    )
    return environment


def _rate(value: float | None) -> str:
    """Return a rate with one digit, so that those of a column stand in line; a dash for none."""
    if not value:
        return "–" if value is None else "0"
    return "<0.1" if 0 < value < 0.05 else f"{value:,.1f}"


def _percent(value: float | None) -> str:
    """Return a share as whole per cent, without the sign; a dash for none."""
    if not value:
        return "–" if value is None else "0"
    return "<1" if 0 < value < 0.005 else f"{100 * value:.0f}"


def _short(value: float, unit: str) -> Markup:
    """Return a mark of a scale in both languages: 20000 → 2万, 20k; of a ratio 0.5 → 50%."""
    if unit == "ratio":
        return escape(f"{100 * value:g}%")
    said = (_scaled(value, steps) for steps in (((1e8, "亿"), (1e4, "万")), ((1e6, "M"), (1e3, "k"))))
    return Markup('<tspan class="zh">{}</tspan><tspan class="en">{}</tspan>').format(*said)


def _scaled(value: float, steps: Sequence[tuple[float, str]]) -> str:
    size, sign = next((step for step in steps if value >= step[0]), (1.0, ""))
    return f"{value / size:g}{sign}"
