"""The notebooks: stored clean, define nothing, run on a cleaned corpus, and draw in a page that asks no one for anything."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import pipeline
from pipeline.errors import UsageError
from tests.conftest import ROOT
from tests.test_report_browser import BROWSERS

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = {"01_explore_corpus": 5, "02_what_was_changed": 4, "03_themes_and_goals": 6}  # name → figures
ALLOWED = {"pipeline", "pandas", "duckdb", "plotly", "IPython"} | sys.stdlib_module_names
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
HAN = re.compile("[\u4e00-\u9fff]{2}")
DRAWN = """() => [...document.querySelectorAll(".js-plotly-plot")].map((plot) => ({
  marks: plot.querySelectorAll(".mlayer path, .mlayer image").length,
  text: plot.querySelector(".gtitle").textContent,
  wide: plot.getBoundingClientRect().width,
  family: getComputedStyle(plot.querySelector(".gtitle")).fontFamily,
}))"""
PIXELS = """([character, family]) => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.font = `40px ${family}`;
  context.fillText(character, 10, 60);
  return canvas.toDataURL();
}"""
"""How a character looks; those that no font has all look alike."""


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def code(name: str) -> list[str]:
    return [cell["source"] for cell in read(name)["cells"] if cell["cell_type"] == "code"]


def run(name: str, corpus: Path) -> nbformat.NotebookNode:
    """Run a notebook in its own folder, with the package of this checkout."""
    notebook = read(name)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}})
    client.execute(env=os.environ | {"QINGGAO_CORPUS": str(corpus), "PYTHONPATH": str(ROOT)})
    return notebook


def figures(notebook: nbformat.NotebookNode) -> list[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Return (traces, layout) of every figure that the notebook shows."""
    decoder, found = json.JSONDecoder(), []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            for match in re.finditer(r'Plotly\.newPlot\(\s*"[\w-]+",\s*', html):
                traces, end = decoder.raw_decode(html, match.end())
                layout, _ = decoder.raw_decode(html, re.compile(r",\s*").match(html, end).end())
                found.append((traces, layout))
    return found


def filled(trace: dict[str, Any]) -> bool:
    """Whether a trace has data: a list, or an array as base64."""
    values = [trace.get(axis) for axis in ("z", "x", "y") if axis in trace]
    return bool(values) and all(value.get("bdata") if isinstance(value, dict) else value for value in values)


@pytest.fixture(scope="module")
def executed(sample_corpus: Path) -> dict[str, nbformat.NotebookNode]:
    return {name: run(name, sample_corpus) for name in NOTEBOOKS}


def test_there_are_no_others():
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_stored_without_outputs(name: str):
    notebook = read(name)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_defines_nothing_and_imports_little(name: str):
    tree = ast.parse("\n".join(code(name)))
    nodes = list(ast.walk(tree))
    assert [type(node).__name__ for node in nodes if isinstance(node, DEFINITIONS)] == []
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= ALLOWED
    assert {"pipeline", "duckdb", "pandas"} <= modules


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_leads_through_in_both_languages(name: str):
    told = [cell["source"] for cell in read(name)["cells"] if cell["cell_type"] == "markdown"]
    assert len(told) >= 6
    for text in told:
        assert HAN.search(text)
        assert re.search("[A-Za-z]{3,} [A-Za-z]{2,}", text)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_draws_in_chinese(name: str, executed: dict[str, nbformat.NotebookNode]):
    notebook = executed[name]
    assert [out for cell in notebook["cells"] for out in cell.get("outputs", []) if out.get("name") == "stderr"] == []
    drawn = figures(notebook)
    assert len(drawn) == NOTEBOOKS[name]
    for traces, layout in drawn:
        assert any(filled(trace) for trace in traces)
        assert HAN.search(layout["title"]["text"])
        assert "CJK SC" in layout["template"]["layout"]["font"]["family"]


def test_the_plan_shown_is_marked_as_data(executed: dict[str, nbformat.NotebookNode]):
    shown = [
        output["data"]["text/html"]
        for cell in executed["02_what_was_changed"]["cells"]
        for output in cell.get("outputs", [])
        if "class='pair'" in output.get("data", {}).get("text/html", "")
    ]
    assert len(shown) == 1
    assert "<del>" in shown[0]
    assert "<ins>" in shown[0]


def run_here(name: str, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the code of a notebook in this process: quicker than a kernel of its own, shows nothing."""
    monkeypatch.setenv("QINGGAO_CORPUS", str(corpus))
    namespace: dict[str, Any] = {}
    for cell in code(name):
        exec(compile(cell, name, "exec"), namespace)  # noqa: S102 - our own
    namespace["database"].close()


@pytest.mark.parametrize(
    "plans",
    [
        pytest.param({}, id="no plan"),
        pytest.param({"计划": "工作计划"}, id="one plan of one word"),
        pytest.param(
            {f"计划{n}": "护士工作计划\n一、<b>努厉</b>培训护士12名。\n" for n in range(3)}, id="all the same"
        ),
    ],
)
def test_notebooks_run_on_next_to_nothing(plans: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "empty.txt").touch()
    for name, text in plans.items():
        (tmp_path / "raw" / f"{name}.txt").write_text(text, encoding="utf-8")
    summary = pipeline.clean_folder(tmp_path / "raw", tmp_path / "out")
    assert len(summary.records) == len(plans)
    for name in NOTEBOOKS:
        run_here(name, tmp_path / "out", monkeypatch)


def test_a_notebook_without_a_corpus_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match="qinggao clean"):
        run_here("01_explore_corpus", tmp_path / "nowhere", monkeypatch)


def test_an_exported_page_draws_offline(executed: dict[str, nbformat.NotebookNode], tmp_path: Path):
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    page_of = HTMLExporter(require_js_url="", mathjax_url="")  # nbconvert's own, which its pages would fetch
    body, _ = page_of.from_notebook_node(executed["03_themes_and_goals"])
    (tmp_path / "page.html").write_text(body, encoding="utf-8")
    with sync_playwright() as driver, driver.chromium.launch(executable_path=found) as browser:
        page = browser.new_context(offline=True, viewport={"width": 1400, "height": 900}).new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "page.html").as_uri())
        wanted = NOTEBOOKS["03_themes_and_goals"]
        page.wait_for_function(f"() => document.querySelectorAll('.js-plotly-plot .gtitle').length === {wanted}")
        drawn = page.evaluate(DRAWN)
        looks = {page.evaluate(PIXELS, [character, drawn[0]["family"]]) for character in "主题与各篇计划里的分量"}
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert all(plot["marks"] > 0 and plot["wide"] > 600 and HAN.search(plot["text"]) for plot in drawn)
    assert len(looks) == len("主题与各篇计划里的分量")
