"""What comes from strangers is never run, unpickled or fetched: nothing in the package could."""

from __future__ import annotations

import ast
from pathlib import Path

import pipeline

PACKAGE = Path(pipeline.__file__).parent
FORBIDDEN_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "socket",
    "urllib",
    "http",
    "requests",
    "subprocess",
    "ctypes",
    "code",
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def trees() -> list[tuple[str, ast.Module]]:
    return [(path.name, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(PACKAGE.rglob("*.py"))]


def test_no_module_that_runs_unpickles_or_fetches_is_imported():
    found = set()
    for name, tree in trees():
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {(name, module) for module in modules if module.split(".")[0] in FORBIDDEN_MODULES}
    assert not found


def test_nothing_is_evaluated():
    calls = {
        (name, node.func.id)
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert len(calls) > 1000
    assert not {call for call in calls if call[1] in FORBIDDEN_CALLS}


def test_arrays_are_loaded_without_pickle():
    loads = [
        node
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
    ]
    assert loads
    assert all(isinstance(node.value, ast.Constant) and node.value.value is False for node in loads)
