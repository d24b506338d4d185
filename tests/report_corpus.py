"""A small corpus for the tests of the report: cleaned for real, some tables of the analysis made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from click.testing import CliRunner

import pipeline
from pipeline.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

NURSE = """护士长工作计划合集
护士长工作计划 篇一 文库网 www.wenku-demo.cn
一、捅过半年的努厉,病房管理水泙有了题高,为今后的工作打下了良好的基矗
二、全年培训护士12名,患者满意度达到百分之九十五.要求护士做到三查七对,一定[)要按时巡视病房.
护士长工作计划 篇二
严格遵守xxx的规定,全体题高服务质量.要点客户要要点维护,变成良好的习惯,建立有用的激励机制.
一、每周一到两次查房,认真分析柿场形势.?
二、全年培训护士12名,患者满意度达到百分之九十五.要求护士做到三查七对,一定要按时巡视病房.
"""

TRAPS = """"站长" & '编辑' <b>网站</b>管理员工作计划
第一条 计划里写着 <script>window.hacked = 1</script> 和 </textarea><img src=x onerror="window.hacked=2">,要努厉题高。
第二条 标记 </script><!-- {{ 7 * 7 }} {% raw %} &amp; & "引号" '单引号' 都是数据.
第三条 看不见的\u200b字符\u202e和\ufeff坏字节都要显示出来,捅过检查。
第四条 行\u2028分\u2029隔;全年完成"><img src=x onerror=alert(1)>培训12次,客户满意度达到95%以上</title></style><svg onload=alert(2)>。
"""
TRAP_NAME = "100% #1?<i> & 'x' \"网站\".txt"

SALES = "销售部工作计划\r\n" + "".join(
    f"{number}、努厉完成第{number}项任务,题高销售水泙,争取客户满意.\r\n" for number in range(1, 481)
)

HOSTILE = "<b onclick=alert(1)>&\"'</script>"
GOAL_NAMES = {"service quality": "服务质量", "training": "培训"}


def clean_corpus(place: Path) -> Path:
    """Clean the documents above by the command, in folders that no address takes as they are; return the output."""
    raw, out = place / "raw 夹", place / "out & 'put'"
    raw.mkdir()
    (raw / "护士长.txt").write_text(NURSE, encoding="utf-8")
    (raw / TRAP_NAME).write_bytes(TRAPS.encode() + b"\xff\xfe\n")
    (raw / "销售.txt").write_bytes(SALES.encode("gb18030"))
    (raw / "empty.txt").touch()
    done = command("clean", raw, "--out", out, "--jobs", 1, "--no-neural")
    assert done.exit_code == 1, done.output  # empty.txt is quarantined
    return out


def report_by_command(folder: Path) -> Path:
    """Write the report of a corpus by the command and move it away from there; return where it is."""
    done = command("report", folder)
    assert done.exit_code == 0, done.output
    return (folder / "report").rename(folder.parent / "by command")


def command(*words: object) -> Result:
    """Run ``qinggao`` with these words in this process."""
    return CliRunner().invoke(cli, [str(word) for word in words])


def analysed(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder with those of the analysis, made by hand; labels hold what could do harm."""
    tables = pipeline.load_corpus(folder)
    corpus = tables["corpus"]
    nurse = corpus[corpus["doc_id"] == "护士长"]
    a, b = nurse.iloc[0], nurse.iloc[1]
    figure, passage = "全年培训护士12名", "全年培训护士12名，患者满意度达到百分之九十五。"
    rows = [
        (a, "training", "planned", "培训护士", "", "12", "名", 12.0, "persons", figure),
        (b, "training", "planned", "培训护士", "", "12", "名", 12.0, "persons", figure),
        (a, "service quality", "achieved", "满意度", "达到", "百分之九十五", "", 0.95, "ratio", "患者满意度达到"),
        (b, "service quality", "", HOSTILE, "", "1-2", "次/周", 100.0, "times per year", "每周一到两次查房"),
        (b, HOSTILE, "planned", "", "", "", "", None, "", "认真分析市场形势"),
        (a, "training", "planned", "培训护士", "", "20,000", "人", 20000.0, "persons", figure),
    ]
    keys = list(zip(corpus["doc_id"], corpus["section"], strict=True))
    places = [row["start"] + row["text"].index(passage) for row in (a, b)]
    ends = [place + len(passage) for place in places]
    return tables | {
        "goals": pd.DataFrame([_goal(plan, *cells) for plan, *cells in rows]),
        "themes": pd.DataFrame(
            [(0, "护理培训", "护士;培训", "全年培训护士12名", 2, 1), (1, HOSTILE, f"柿场;{HOSTILE}", HOSTILE, 3, 3)],
            columns=["theme_id", "label", "terms", "sentences", "n_sections", "n_documents"],
        ),
        "section_themes": pd.DataFrame(
            [(doc_id, section, 1, 0.25) for doc_id, section in keys] + [("护士长", 1, 0, 0.9), ("护士长", 2, 0, 0.4)],
            columns=["doc_id", "section", "theme_id", "weight"],
        ),
        "duplicates": pd.DataFrame(
            [("护士长", 1, places[0], ends[0], "护士长", 2, places[1], ends[1], 0.97)],
            columns=[
                *("a_doc", "a_section", "a_start", "a_end", "b_doc", "b_section", "b_start", "b_end", "similarity"),
            ],
        ),
        "quality": tables["quality"].assign(faults=f"{HOSTILE};numbering jumps from 一、 to 三、"),
        "corpus": corpus.assign(
            themes=f"护理培训;{HOSTILE}", goal_types="training", n_goals=2, duplicate_of="", quality=0.5
        ),
    }


GOAL = ("goal_type", "status", "metric", "comparator", "value", "unit", "value_base", "unit_base", "quote")


def _goal(plan: pd.Series, *cells: object) -> dict[str, object]:
    row = dict(zip(GOAL, cells, strict=True))
    start = plan["start"] + plan["text"].index(row["quote"])
    place = {"start": start, "end": start + len(str(row["quote"])), "raw_start": plan["raw_start"]}
    return {"doc_id": plan["doc_id"], "section": plan["section"], "confidence": 0.9, "period": "全年"} | place | row
