"""The report as files: complete, escaped, linked, the same every time; and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag

import lxml.html
import pandas as pd
import pytest

import pipeline
from pipeline.corpus import load_document
from pipeline.errors import LexiconError, OutputError, UsageError
from pipeline.export.folder import SCHEMA
from pipeline.report import build, cells, copies, damage, goals
from pipeline.report.build import write_report
from pipeline.report.data import gather
from tests.report_corpus import (
    GOAL_NAMES,
    HOSTILE,
    NURSE,
    TRAP_NAME,
    analysed,
    clean_corpus,
    command,
    report_by_command,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

ROOT = Path(__file__).parent.parent
OWN_ELEMENTS = {"b", "i", "textarea", "img", "iframe", "object", "embed", "form", "style", "base"}
"""Elements that no template has: where one stands, a text became markup."""


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_corpus(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def report(cleaned: Path) -> Path:
    return write_report(cleaned, analysed(cleaned), goal_names=GOAL_NAMES).start.parent


@pytest.fixture
def folder(cleaned: Path, tmp_path: Path) -> Path:
    """A copy of the corpus, to be damaged."""
    shutil.copytree(cleaned, tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "report", ignore_errors=True)
    return tmp_path / "out"


def pages(report: Path) -> Iterator[tuple[Path, HtmlElement]]:
    for path in sorted(report.rglob("*.html")):
        yield path, lxml.html.document_fromstring(path.read_bytes().decode("utf-8"))


def page(report: Path, name: str) -> HtmlElement:
    return lxml.html.document_fromstring((report / name).read_bytes().decode("utf-8"))


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def texts(found: list[HtmlElement]) -> list[str]:
    return [element.text_content() for element in found]


def chinese(element: HtmlElement) -> str:
    """What a reader of Chinese sees of an element."""
    return "".join(element.xpath(".//text()[not(ancestor::*[contains(@class, 'en')])]"))


def test_every_page_is_there_and_names_itself_in_both_languages(report: Path):
    names = {path.name for path, _ in pages(report) if path.parent == report}
    assert names == {f"{name}.html" for name in ("index", "documents", "plans", "themes", "goals", "copies", "quality")}
    for _, html in pages(report):
        assert html.xpath("//h1")
        assert len(html.xpath("//*[@class='zh']")) == len(html.xpath("//*[@class='en']")) > 10


def check_links(report: Path) -> int:
    """Return how many links there are; all lead to places that exist."""
    ids = {path: html.xpath("//@id") for path, html in pages(report)}
    assert all(len(set(found)) == len(found) for found in ids.values())
    seen = 0
    for path, html in pages(report):
        for address in html.xpath("//a/@href | //script/@src | //link/@href"):
            file, place = urldefrag(address)
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file(), (path.name, address)
            assert not place or place in ids[target], (path.name, address)
            seen += 1
    return seen


def test_links_lead_to_pages_and_places_that_exist(report: Path):
    assert check_links(report) > 100


def test_no_page_may_use_the_network_or_run_what_is_not_ours(report: Path):
    for _, html in pages(report):
        (policy,) = html.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; ")
        assert "http" not in policy
        assert "unsafe" not in policy
        assert not html.xpath("//*[@style]")
        assert all(script.get("src") or script.get("type") == "application/json" for script in html.xpath("//script"))
    assert "http" not in "".join(path.read_text(encoding="utf-8") for path in (report / "assets").iterdir())


def test_text_of_documents_is_data(report: Path):
    for path, html in pages(report):
        found = {element.tag for element in html.iter() if isinstance(element.tag, str)}
        assert not found & OWN_ELEMENTS, path.name
        assert not [name for element in html.iter() for name in element.attrib if name.startswith("on")]
        for block in html.xpath("//script[@type='application/json']"):
            json.loads(block.text)
    shown = page(report, "documents/00001-001.html").text_content()
    for text in (
        "<script>window.hacked = 1</script>",
        "</textarea><img src=x",
        "</script><!-- {{ 7 * 7 }} {% raw %} &amp;",
    ):
        assert text in shown
    assert "\\xff\\xfe" in shown
    assert "[U+202E]" in shown
    for name in ("themes", "goals", "quality", "plans"):
        assert HOSTILE in page(report, f"{name}.html").text_content()


def test_hostile_documents_come_through_the_commands_as_text(folder: Path):
    report = report_by_command(folder)
    for path, html in pages(report):
        found = {element.tag for element in html.iter() if isinstance(element.tag, str)}
        assert not found & OWN_ELEMENTS, path.name
        assert not [name for element in html.iter() for name in element.attrib if name.startswith("on")]
    check_links(report)
    shown = page(report, "documents/00001-001.html")
    assert texts(shown.xpath("//h1")) == [TRAP_NAME]
    for text in ("</title></style><svg onload=alert(2)>", "[U+2028]", "\\xff\\xfe", "<b>网站</b>"):
        assert text in shown.text_content()
    assert "<b>网站</b>" in page(report, "plans.html").text_content()
    assert "<img src=x" in page(report, "goals.html").text_content()


def test_every_edit_is_shown(report: Path, cleaned: Path):
    records = json.loads((cleaned / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    for number, record in enumerate(records, 1):
        told: list[dict[str, Any]] = []
        for path in sorted((report / "documents").glob(f"{number:05}-*.html")):
            html = page(report, f"documents/{path.name}")
            (block,) = html.xpath("//script[@id='marks']")
            marks = json.loads(block.text)
            for side in ("source", "clean"):
                shown = [int(n) for n in html.xpath(f"//div[@class='{side}']//mark/@data-m")]
                assert shown == list(range(len(marks)))
            told += [edit for mark in marks for edit in mark]
        logged = load_document(cleaned, record["doc_id"]).edits
        wanted = [
            (e.edit.kind, e.edit.rule, round(e.edit.confidence, 2), e.raw_start, e.raw_end, e.applied) for e in logged
        ]
        assert sorted((e["kind"], e["rule"], e["sure"], *e["at"], e["applied"]) for e in told) == sorted(wanted)
        assert [e["why"][1] for e in told if "why" in e].count("") == 0


def test_the_two_sides_are_the_two_texts(report: Path, cleaned: Path):
    document = load_document(cleaned, "护士长")
    html = page(report, "documents/00002-001.html")
    sides = {
        side: "".join(texts(html.xpath(f"//div[starts-with(@class, 'row') and @id]/div[@class='{side}']")))
        for side in ("source", "clean")
    }
    for side, text in (("source", document.source_text), ("clean", document.text)):
        assert sides[side].replace("⏎", "").replace("\n", "") == text.replace("\n", "")
    assert html.xpath("//div[@class='clean']//mark[contains(@class, 'hint')]/@data-to")


def test_a_long_document_is_several_pages(report: Path):
    found = sorted(path.name for path in (report / "documents").glob("00003-*.html"))
    assert found == ["00003-001.html", "00003-002.html"]
    html = page(report, "documents/00003-001.html")
    assert html.xpath("//a[@id='next-part']/@href") == ["../documents/00003-002.html"]
    rows = page(report, "documents/00003-002.html").xpath("//div[@id='r1']")
    assert "努力完成第" in texts(rows)[0]


def test_the_corpus_at_a_glance(report: Path, cleaned: Path):
    html = page(report, "index.html")
    corpus = pipeline.load_corpus(cleaned)
    figures = texts(html.xpath("//ul[@class='stats']//strong"))
    applied = int(corpus["edits"]["applied"].sum())
    assert figures[:2] == ["3", str(len(corpus["corpus"]))]
    assert figures[3:7] == [f"{applied:,}", f"{len(corpus['edits']) - applied:,}", "6", "2"]
    assert figures[7] == f"{100 * corpus['quality']['quality'].mean():.1f}"
    kinds = [chinese(name) for name in html.xpath("//ol[@class='bars kinds']//span[@class='name']")]
    assert {"错别字", "标点", "站点记号"} <= set(kinds)
    assert "wenku-demo.cn\xa01" in [site.strip() for site in texts(html.xpath("//table//th[@scope='row']"))]
    assert "empty.txt" in texts(html.xpath("//section[@aria-labelledby='quarantined']//td"))
    assert ["题", "提"] in [
        texts(row.xpath("./td")[:2]) for row in html.xpath("//section[@aria-labelledby='changes']//tr")
    ]


def test_themes_goals_copies_and_quality(report: Path):
    themes = page(report, "themes.html")
    assert texts(themes.xpath("//th[contains(@class, 'tall')]")) == [HOSTILE, "护理培训"]
    (row,) = themes.xpath("//tr[th/a[contains(@href, '00002-001.html#plan-1')]]")
    assert [(cell.get("class"), cell.text_content()) for cell in row.xpath("./td")] == [
        ("number h3", "25"), ("number h9", "90"),
    ]  # fmt: skip
    figures = page(report, "goals.html")
    names = [chinese(name) for name in figures.xpath("//ol[@class='bars']//span[@class='name']")]
    assert names == ["培训", "服务质量", HOSTILE]
    assert len(figures.xpath("//tbody/tr")) == 6
    assert len(figures.xpath("//figure")) == 1  # three figures of persons; of the others there are fewer
    (place,) = {
        urldefrag(a)[1] for a in figures.xpath("//section[@aria-labelledby='figures']//tr[1]/td[@class='wide']/a/@href")
    }
    assert "全年培训护士12名" in texts(page(report, "documents/00002-001.html").xpath(f"//*[@id='{place}']"))[0]
    copies = page(report, "copies.html")
    assert len(copies.xpath("//div[@class='arcs tall']//li")) == 2
    assert len(copies.xpath("//path")) == 1
    assert set(texts(copies.xpath("//q"))) == {"…全年培训护士12名，患者满意度达到百分之九十五。"}
    quality = page(report, "quality.html")
    heads = [chinese(head) for head in quality.xpath("//section[@aria-labelledby='scores']//thead//th")]
    scores = ["质量分", "损坏", "存疑", "遮盖", "重复", "结构"]
    assert heads == ["计划", *scores, "建议", "遮盖词", "与前文重复", "结构问题"]
    faults = texts(quality.xpath("//section[@aria-labelledby='scores']//tr[1]/td[last()]//span[@class='zh']"))
    assert faults[:2] == [HOSTILE, "编号从“一、”跳到“三、”"]
    lost = [chinese(row) for row in quality.xpath("//section[@aria-labelledby='losses']//li")]
    assert len(lost) == 5
    assert "损坏" in lost[0]


def test_goals_of_copied_plans_count_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(goals, "LEAST_DOTS", 2)
    tables = analysed(folder)
    corpus = tables["corpus"]
    copied = corpus.assign(
        duplicate_of=[f"{d}/1" if s == 2 else "" for d, s in zip(corpus["doc_id"], corpus["section"], strict=True)]
    )
    target = write_report(folder, tables | {"corpus": copied}, goal_names=GOAL_NAMES).start.parent
    html = page(target, "goals.html")
    rows = [chinese(row) for row in html.xpath("//ol[@class='bars']/li")]
    assert [row.split() for row in rows] == [["培训2", "处", "1", "篇"], ["服务质量1", "处", "1", "篇"]]
    assert len(html.xpath("//circle")) == 2
    assert len(html.xpath("//tbody/tr")) == 6
    plans = page(target, "plans.html")
    (row,) = plans.xpath("//tr[th/a[contains(@href, '00002-001.html#plan-2')]]")
    assert row.xpath("./td[@class='name']/a/@href") == ["documents/00002-001.html#plan-1"]


def test_sites_whose_marks_stand_in_the_same_documents_share_a_row(cleaned: Path):
    material = gather(cleaned)
    row = next(row for row in damage.by_site(material) if row.sites)
    assert row.sites == [("wenku-demo.cn", 1)]
    edits = material.table("edits")
    other = edits[edits["before"].str.contains("wenku-demo")].assign(before="www.other-demo.com")
    material.tables["edits"] = pd.concat([edits, other])
    rows = damage.by_site(material)
    assert [row.sites for row in rows] == [[("other-demo.com", 1), ("wenku-demo.cn", 1)], []]


def test_a_large_group_of_copies_is_drawn_as_a_tree():
    lines = [(a, b, 0.5 + (b == 3) / 4) for a in range(12) for b in range(a)]
    assert copies._told(lines[:3], 3) == lines[:3]
    told = copies._told(lines, 12)
    assert [low for _, low, _ in told] == list(range(1, 12))
    assert all(high == 3 and weight == 0.75 for high, low, weight in told if low > 3)


def test_goal_types_are_named_by_the_taxonomy_given(folder: Path, tmp_path: Path):
    assert command("report", folder).exit_code == 0
    assert "培训" in chinese(page(folder / "report", "goals.html"))
    taxonomy = tmp_path / "types.toml"
    taxonomy.write_text('[[type]]\nid = "training"\nname = "带教<b>"\ncues = ["培训"]\n', encoding="utf-8")
    (tmp_path / "settings.toml").write_text('goal_types = "types.toml"\n', encoding="utf-8")
    for words in (["--goal-types", taxonomy], ["--config", tmp_path / "settings.toml"]):
        assert command("report", folder, *words).exit_code == 0
        assert "带教<b>" in [
            chinese(name)
            for name in page(folder / "report", "goals.html").xpath("//ol[@class='bars']//span[@class='name']")
        ]
    (tmp_path / "broken.toml").write_text("types = 1", encoding="utf-8")
    fault = command("report", folder, "--goal-types", tmp_path / "broken.toml").exception
    assert isinstance(fault, LexiconError)
    assert "broken.toml" in str(fault)


def test_of_very_many_figures_some_are_drawn():
    spread = goals._spread("yuan", [(float(n), str(n), "planned") for n in range(1, 5001)])
    assert spread.total == 5000
    assert len(spread.names) == len(spread.dots.places) == 300
    assert (spread.names[0], spread.names[-1]) == ("1", "5000")


def test_the_same_corpus_gives_the_same_bytes(folder: Path):
    trees = []
    for seed in ("1", "2"):
        words = [sys.executable, "-c", "from pipeline.cli.main import main; main()", "report", str(folder)]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(words, capture_output=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr.decode()
        assert "index.html: 11 pages, 3 document(s) side by side" in done.stdout.decode()
        trees.append(tree(folder / "report"))
    assert trees[0] == trees[1]
    assert not list(folder.glob(".report*"))
    assert not any(str(folder).encode() in data for data in trees[0].values())


def test_without_analysis_each_page_says_that_nothing_was_found(folder: Path):
    tables = {name: pipeline.load_corpus(folder)[name] for name in ("corpus", "edits")}
    target = write_report(folder, tables | {"goals": pd.DataFrame()}).start.parent
    for name in ("themes", "goals", "copies", "quality"):
        html = page(target, f"{name}.html")
        assert html.xpath("//p[@class='none']")
        assert not html.xpath("//table")


def test_an_empty_corpus_has_a_report(tmp_path: Path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "empty.txt").touch()
    pipeline.clean_folder(tmp_path / "raw", tmp_path / "out")
    summary = write_report(tmp_path / "out")
    assert summary[1:] == (7, 0, 0)
    html = page(summary.start.parent, "index.html")
    assert "这份语料里没有文档。" in texts(html.xpath("//p[@class='none']"))[0]


def test_long_tables_and_many_documents_are_cut_and_say_so(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cells, "MOST_ROWS", 1)
    monkeypatch.setattr(build, "MOST_ROWS", 1)
    summary = write_report(folder, analysed(folder), documents=1)
    assert (summary.documents, summary.left_out) == (1, 2)
    target = summary.start.parent
    assert len(list((target / "documents").iterdir())) == 1
    plans = page(target, "plans.html")
    assert len(plans.xpath("//tbody/tr")) == 1
    assert "共 4 行；全部在 corpus.csv 里" in plans.text_content()
    assert not page(target, "goals.html").xpath("//td//a")  # its document has no page


def test_a_new_report_replaces_the_old_one_as_a_whole(folder: Path):
    write_report(folder)
    (folder / "report" / "documents" / "left.html").touch()
    write_report(folder)
    assert not (folder / "report" / "documents" / "left.html").exists()


def test_a_report_that_fails_leaves_the_old_one(folder: Path):
    write_report(folder)
    before = tree(folder / "report")
    (folder / "text" / "护士长.txt").write_text("别的", encoding="utf-8")
    with pytest.raises(OutputError, match="were changed; clean the input again"):
        write_report(folder)
    assert tree(folder / "report") == before
    assert not list(folder.glob(".report*"))


def test_a_foreign_folder_or_file_is_left_alone(folder: Path):
    (folder / "report").mkdir()
    (folder / "report" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="move it away"):
        write_report(folder)
    assert (folder / "report" / "mine.txt").read_text() == "mine"
    shutil.rmtree(folder / "report")
    (folder / "report").write_text("mine")
    with pytest.raises(UsageError, match="move it away"):
        write_report(folder)


SMALL = {
    "one plan": {"a.txt": "护士工作计划\n全年培训护士12名。\n"},
    "one word": {"a.txt": "计划"},
    "plans all the same": {f"{n}.txt": NURSE for n in range(3)},
    "nothing": {"a.txt": ""},
}


@pytest.mark.parametrize("name", SMALL)
def test_small_corpora_have_reports(name: str, tmp_path: Path):
    (tmp_path / "raw").mkdir()
    for file, text in SMALL[name].items():
        (tmp_path / "raw" / file).write_text(text, encoding="utf-8")
    pipeline.clean_folder(tmp_path / "raw", tmp_path / "out")
    target = write_report(tmp_path / "out").start.parent
    plans = len(pipeline.load_corpus(tmp_path / "out")["corpus"])
    rows = {file: len(page(target, f"{file}.html").xpath("//tbody/tr")) for file in ("plans", "copies")}
    assert rows["plans"] == plans
    assert (rows["copies"] > 0) == (name == "plans all the same")
    figures = texts(page(target, "index.html").xpath("//ul[@class='stats']//strong"))
    assert figures[1] == str(plans)
    assert figures[-1] == "–" or 0 <= float(figures[-1]) <= 100
    if name == "plans all the same":
        assert "其中副本 4 篇" in chinese(page(target, "index.html"))
        assert len(page(target, "copies.html").xpath("//article")) == 2


def test_a_folder_without_a_run_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="run qinggao clean"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        {"schema": SCHEMA},
        {"schema": SCHEMA, "inputs": [{"doc_id": "a"}], "quarantined": []},
        {"schema": SCHEMA, "inputs": [], "quarantined": [1]},
        {"schema": SCHEMA, "inputs": {}, "quarantined": []},
    ],
)
def test_a_manifest_of_another_version_is_refused(folder: Path, manifest: object):
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UsageError, match="another form; run qinggao clean again"):
        write_report(folder)


@pytest.mark.parametrize("schema", [None, 1, 99, "2"])
def test_a_folder_of_another_schema_is_refused(folder: Path, schema: object):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"schema": schema} if schema else {}
    if schema is None:
        del manifest["schema"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UsageError, match=r"version reads \d+; run qinggao clean again with --out"):
        write_report(folder)


def test_tables_of_another_version_are_refused(folder: Path):
    edits = pd.read_csv(folder / "edits.csv", encoding="utf-8-sig", keep_default_na=False)
    edits.drop(columns=["kind", "why"]).to_csv(folder / "edits.csv", encoding="utf-8-sig", index=False)
    with pytest.raises(UsageError, match=r"version .* run qinggao clean again"):
        write_report(folder)
    (folder / "edits.csv").unlink()
    with pytest.raises(UsageError, match="run qinggao clean again"):
        write_report(folder)


def test_a_table_that_lacks_a_column_is_named(folder: Path):
    tables = analysed(folder)
    with pytest.raises(UsageError, match=r"table 'goals' lacks quote, unit; run qinggao clean again"):
        write_report(folder, tables | {"goals": tables["goals"].drop(columns=["unit", "quote"])})
    broken = tables["corpus"].assign(section="一", chars=0.5)
    with pytest.raises(UsageError, match=r"table 'corpus' has other values in chars, section; run qinggao clean again"):
        write_report(folder, tables | {"corpus": broken})
    with pytest.raises(UsageError, match="holds no table 'edits'"):
        write_report(folder, {"corpus": tables["corpus"]})
