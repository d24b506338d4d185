"""The samples, and beside them a branch that copied half a bank's plan: what the database and the notebooks are tried on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pipeline

ROOT = Path(__file__).parent.parent
BANK = ROOT / "tests" / "golden" / "spun" / "银行网点工作计划四篇.txt"

REVIEW = """
四、去年工作回顾
去年我网点完成新增存款3600万元,完成计划的112%,新增有效客户540户,发放小微贷款1250万元.
"""


def clean_samples(place: Path) -> Path:
    """Clean the samples, a bank's plans, and a document with a copy of its first; return the output folder."""
    raw = place / "raw"
    shutil.copytree(ROOT / "data" / "raw", raw)
    shutil.copy(ROOT / "tests" / "golden" / "spun" / "raw" / BANK.name, raw)
    first = BANK.read_text(encoding="utf-8").partition("银行网点工作计划 篇二")[0].partition("篇一")[2]
    copied = first.replace("网点", "支行").replace("客户经理", "理财经理").replace("本年度", "今年")
    own = REVIEW + "=号开头的一行,只为核对写法.\n"
    (raw / "城北支行工作计划.txt").write_text(f"城北支行工作计划\n{copied}{own}", encoding="utf-8")
    pipeline.clean_folder(raw, place / "clean", jobs=1)
    return place / "clean"
