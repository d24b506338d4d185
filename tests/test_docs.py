"""Every command that the documents show runs, and every option of the commands is documented."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from pipeline.cli.main import cli

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "README.zh-CN.md"]


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(page: str) -> list[str]:
    lines = "".join(blocks(page, "sh")).splitlines()
    return [line.partition("#")[0].strip() for line in lines if line.strip()]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data" / "raw", place / "data" / "raw")
    (place / "bin").mkdir()
    write_command(place, "qinggao", '-c "from pipeline.cli.main import main; main()"')
    return place


def write_command(place: Path, name: str, call: str) -> None:
    script = place / "bin" / name
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {call} "$@"\n')
    script.chmod(0o755)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run(page: str, workplace: Path):
    shown = commands(page)
    assert "make clean" in shown
    assert "make test" in shown
    environment = os.environ | {"PATH": f"{workplace / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for command in shown:
        if command.startswith("make"):  # the target exists; running it here would run these tests again
            target = command.split()[1]
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            continue
        done = subprocess.run(command, shell=True, cwd=workplace, env=environment, capture_output=True, check=False)  # noqa: S602
        assert done.returncode == 0, (command, done.stderr.decode())


def test_the_commands_for_big_corpora_run(workplace: Path):
    pytest.importorskip("distributed")
    plans = [
        f'{{"id": "{number}", "text": "第{number}篇工作计划\\n捅过半年的努厉,病房有了题高。"}}\n'
        for number in range(20)
    ]
    for number in range(2):
        (workplace / "shards").mkdir(exist_ok=True)
        (workplace / "shards" / f"{number}.jsonl").write_text("".join(plans[10 * number :][:10]), encoding="utf-8")
    environment = os.environ | {"PATH": f"{workplace / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for name in ("scheduler", "worker"):
        write_command(workplace, f"dask-{name}", f"-m distributed.cli.dask_{name}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for block in blocks("docs/scale.md", "sh"):
        script = re.sub("dask (scheduler|worker) ", r"dask-\1 ", block).replace("8786", port)
        with (workplace / "said").open("wb") as said:  # a pipe would be held open by what runs in the background
            done = subprocess.run(
                ["sh", "-ec", script], cwd=workplace, env=environment, stdout=said, stderr=said, check=False
            )
        assert done.returncode == 0, (script, (workplace / "said").read_text(encoding="utf-8"))
    one, other = (pipeline.load_corpus(workplace / name) for name in ("corpus", "corpus-dask"))
    assert len(one["corpus"]) == 20
    for name in ("outline", "edits", "inputs", "learned_table"):
        pd.testing.assert_frame_equal(one[name], other[name], obj=name)


@pytest.mark.parametrize("page", PAGES)
def test_the_python_examples_run(page: str, workplace: Path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    if not (workplace / "data" / "clean" / "manifest.json").exists():
        subprocess.run(
            [workplace / "bin" / "qinggao", "clean"],
            cwd=workplace,
            check=True,
            capture_output=True,
            env=environment,
        )
    for block in blocks(page, "python"):
        done = subprocess.run(
            [sys.executable, "-c", block], cwd=workplace, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        for wanted in re.findall(r"print\(document\.text\)\s+# (\S+)", block):
            assert wanted in done.stdout.decode()


@pytest.mark.parametrize("page", PAGES)
def test_the_before_and_after_are_true(page: str):
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    rows = [(before, after) for before, after in rows if re.search("[\u4e00-\u9fff]{3}", before)]
    assert len(rows) >= 3
    for before, after in rows[:3]:
        assert pipeline.clean(before).text == after


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_documented(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    for name in cli.commands:
        assert f"qinggao {name}" in text
