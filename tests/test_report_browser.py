"""The report in a browser: drawn without errors or requests, filtered, sorted, walked through by keys."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.report.build import write_report
from tests.report_corpus import GOAL_NAMES, analysed, clean_corpus, report_by_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DOCUMENT = "documents/00002-001.html"

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const over = (colours) => {
    const key = colours.join();
    if (!known.has(key)) known.set(key, painted(colours));
    return known.get(key);
  };
  const painted = (colours) => {
    canvas.fillStyle = "white";
    canvas.fillRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const bad = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("svg, script")) continue;
    const grounds = [];
    for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const [a, b] = [light(over(grounds)), light(over([...grounds, getComputedStyle(element).color]))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.set(element.tagName + "." + element.className, ratio.toFixed(2));
  }
  return [...bad];
}"""
"""What text stands out too little from its ground (WCAG 2, level AA: 4.5 to 1)."""


TIPS = """() => {
  const tip = document.getElementById("tip");
  const out = [];
  [...document.querySelectorAll("mark")].forEach((mark, index) => {
    if (!mark.checkVisibility()) return;
    mark.scrollIntoView({ block: ["start", "center", "end"][index % 3] });
    mark.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    const { left, top, right, bottom } = tip.getBoundingClientRect();
    if (tip.hidden || left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1) out.push(index);
  });
  return out;
}"""
"""Marks of which what is told does not lie within the window."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_corpus(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def commanded(folder: Path) -> Path:
    return report_by_command(folder)


@pytest.fixture(scope="module")
def report(folder: Path, commanded: Path) -> Path:  # noqa: ARG001 - that one is moved out of the way first
    return write_report(folder, analysed(folder), goal_names=GOAL_NAMES).start.parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found)
        yield browser
        browser.close()


class Watch:
    """A page, and all that it complains of or asks for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def check(self) -> None:
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith("file://")] == []
        assert self.page.evaluate("() => window.hacked") is None


@pytest.fixture
def watch(browser: Browser) -> Iterator[Watch]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(5_000)
    watched = Watch(context.new_page())
    yield watched
    watched.check()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_page_is_drawn_and_readable(watch: Watch, report: Path, width: int, scheme: str):
    page = watch.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in sorted(report.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.locator("h1").is_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path.name
        assert page.evaluate(CONTRAST) == [], path.name
    assert len(watch.requests) > 30


def test_text_of_documents_does_nothing(watch: Watch, report: Path):
    watch.page.goto((report / "documents" / "00001-001.html").as_uri())
    assert watch.page.evaluate("() => document.images.length") == 0
    assert "<script>window.hacked = 1</script>" in watch.page.locator("#sides").inner_text()


def test_hostile_documents_run_nothing_wherever_they_are_shown(watch: Watch, commanded: Path):
    for path in sorted(commanded.rglob("*.html")):
        watch.page.goto(path.as_uri())
        assert watch.page.locator("h1").is_visible()
    watch.page.goto((commanded / "documents" / "00001-001.html").as_uri())
    for _ in range(12):
        watch.page.keyboard.press("n")
    assert watch.page.locator("#tip").is_visible()
    shown = watch.page.locator("#sides").inner_text()
    for text in ("<b>网站</b>", "</title></style><svg onload=alert(2)>", "[U+2028]", "\\xff\\xfe"):
        assert text in shown
    watch.page.goto((commanded / "goals.html").as_uri())
    watch.page.locator("td.wide a", has_text="<img src=x").first.click()
    watch.page.wait_for_url("**/documents/00001-001.html#r*")
    assert watch.page.locator(":target").is_visible()


def test_what_is_told_of_an_edit_stays_on_the_screen(watch: Watch, report: Path):
    page = watch.page
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 600})
        page.goto((report / DOCUMENT).as_uri())
        assert page.evaluate(TIPS) == []


def test_the_policy_stops_what_would_leave_the_machine(browser: Browser, report: Path):
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((report / "index.html").as_uri())
    refused = page.evaluate("() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)")
    assert refused == "TypeError"
    assert not [url for url in asked if url.startswith("http")]
    context.close()


def test_edits_are_filtered_by_kind(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / DOCUMENT).as_uri())
    typos, all_marks = page.locator("mark.k-typo:not(.off)"), page.locator("mark:not(.off)")
    before, wanted = all_marks.count(), typos.count()
    assert before > wanted > 2
    page.locator("[data-kind=typo]").click()
    assert typos.count() == 0
    assert all_marks.count() == before - wanted
    assert page.locator("[data-kind=typo]").get_attribute("aria-pressed") == "false"
    page.locator("#all").click()
    assert all_marks.count() == before
    page.locator("#all").click()
    assert all_marks.count() == 0
    page.locator("[data-kind=typo]").click()
    assert all_marks.count() == wanted
    rows = page.locator(".row:visible").count()
    page.locator("#changed-only").click()
    assert page.locator(".row:visible").count() < rows


def test_suggestions_come_and_go(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / DOCUMENT).as_uri())
    ghost = "() => getComputedStyle(document.querySelector('.clean mark[data-to]'), '::after').content"
    assert "→" in page.evaluate(ghost)
    page.locator("#hints").click()
    assert page.evaluate(ghost) == "none"
    assert page.locator("mark.hint:not(.off)").count() == 0


def test_keys_and_buttons_walk_from_edit_to_edit(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / DOCUMENT).as_uri())
    page.keyboard.press("n")
    tip = page.locator("#tip")
    assert tip.is_visible()
    assert "strip.site-tail" in tip.inner_text()
    assert "把握" in tip.inner_text()
    page.keyboard.press("n")
    assert "捅 → 通" in tip.inner_text()
    assert page.locator("mark.current").count() == 2
    assert page.locator("mark:focus").inner_text() == "通"
    page.locator("#next").click()
    page.keyboard.press("p")
    assert page.locator("mark:focus").inner_text() == "通"
    assert page.locator("#place").inner_text().startswith("2 / ")
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator(".source mark.k-synonym").first.hover()
    assert "此处“" in tip.inner_text()
    page.locator("#language").click()
    page.locator(".source mark.k-synonym").first.hover()
    assert "likelier here" in tip.inner_text()
    assert "confidence" in tip.inner_text()


def test_the_last_edit_of_a_page_leads_to_the_next_page(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / "documents" / "00003-002.html").as_uri())
    page.keyboard.press("n")
    page.keyboard.press("p")
    page.wait_for_url("**/00003-001.html#last")
    assert page.locator("#place").inner_text().split(" / ")[0] == page.locator("#place").inner_text().split(" / ")[1]
    page.keyboard.press("n")
    page.wait_for_url("**/00003-002.html#first")
    assert page.locator("#place").inner_text().startswith("1 / ")


def test_tables_are_sorted_and_filtered(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / "plans.html").as_uri())
    figures = page.locator("tbody tr:visible td:nth-child(2)")
    page.locator("thead th:nth-child(2) button").click()
    sizes = [int(text.replace(",", "")) for text in figures.all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    page.locator("thead th:nth-child(2) button").press("Enter")
    assert [int(text.replace(",", "")) for text in figures.all_inner_texts()] == sizes[::-1]
    assert page.locator("th[aria-sort=ascending]").count() == 1


def test_a_long_table_is_paged(watch: Watch, report: Path, tmp_path: Path):
    rows = "".join(f"<tr><td>{n} 行</td></tr>" for n in range(1, 131))
    text = (report / "plans.html").read_text(encoding="utf-8")
    head, _, rest = text.partition("<tbody>")
    shutil.copytree(report / "assets", tmp_path / "assets")
    (tmp_path / "long.html").write_text(f"{head}<tbody>{rows}</tbody>{rest.partition('</tbody>')[2]}", encoding="utf-8")
    page = watch.page
    page.goto((tmp_path / "long.html").as_uri())
    shown, tools = page.locator("tbody tr:visible"), page.locator(".table-tools")
    assert shown.count() == 50
    tools.locator("button").last.click()
    tools.locator("button").last.click()
    assert shown.count() == 30
    assert tools.locator("output").inner_text() == "101–130 / 130"
    tools.locator("input").fill("13")
    assert shown.all_inner_texts() == ["13 行", "113 行", "130 行"]


def test_language_and_colours_are_chosen_and_kept(watch: Watch, report: Path):
    page = watch.page
    page.goto((report / "index.html").as_uri())
    assert page.locator("h1").inner_text() == "概览"
    light = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.locator("#language").click()
    page.locator("#theme").click()
    assert page.locator("h1").inner_text() == "Overview"
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != light
    page.goto((report / "themes.html").as_uri())
    assert page.locator("h1").inner_text() == "Themes"
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
