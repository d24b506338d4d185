"""The training of the network, in small: damage, a few steps on the processor, a checkpoint taken up again."""

from __future__ import annotations

import lzma
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `network` is not installed")

from training.network import train  # noqa: E402 - needs torch
from training.network.alphabet import MASK, Alphabet  # noqa: E402 - stands beside it
from training.network.damage import hashed as hashed_numbers  # noqa: E402 - needs torch

TEXT = "为客户提供优质的服务，提高员工的工作效率，完成全年的各项任务。\n"
WORDS = ("客户", "提供", "服务", "提高", "员工", "工作", "完成", "任务")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as ``training.network.data`` writes it, with next to nothing in it."""
    folder: Path = tmp_path_factory.mktemp("data")
    alphabet = Alphabet("".join(sorted({char for char in TEXT if "\u4e00" <= char <= "\u9fff"})))
    numbers = alphabet.numbers(TEXT * 400).astype(np.uint16)
    numbers[::2] |= 1 << 15
    for corpus in range(2):
        with lzma.open(folder / f"text-{corpus}-0.npy.xz", "wb") as stream:
            np.save(stream, numbers)
    codes = sorted(int(a) * 65536 + int(b) for a, b in (alphabet.numbers(word) for word in WORDS))
    table = np.array([np.roll(codes, -row - 1)[:4] for row in range(len(codes))])
    np.savez(
        folder / "tables.npz",
        known=alphabet.known,
        sounds=np.arange(len(alphabet.chars)) % 7,
        shapes=np.zeros((len(alphabet.chars), 4), np.float16),
        wrong=np.stack([np.roll(np.arange(len(alphabet.chars)), 1)] * 3, axis=1),
        words=np.array(codes),
        homophones=table,
        neighbours=table,
    )
    return folder


def config(**changes: Any) -> dict[str, Any]:
    shipped = tomllib.loads((Path(train.__file__).parent / "config.toml").read_text(encoding="utf-8"))
    return shipped | {"steps": 4, "tokens": 512, "lengths": [64, 32], "save": 2, "warmup": 1} | changes


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the network and what is held out tiny."""
    monkeypatch.setattr(train, "HELD_OUT", 4000)
    made = train.Shape
    monkeypatch.setattr(train, "Shape", lambda *given: made(*given, width=32, layers=2, heads=2, inner=64))


def test_damage_is_drawn_the_same_for_the_same_step_and_changes_only_characters(data: Path) -> None:
    found, _, alphabet = train.load_data(data, [1, 1], "cpu")
    batches = train.Batches(found, config(tokens=8192), "cpu")
    damaged, right = batches.draw(1)
    again, _ = batches.draw(1)
    assert torch.equal(damaged, again)
    changed = damaged != right
    assert 0 < changed.float().mean() < 0.5
    assert (right[changed] >= alphabet.fixed).all()
    assert (damaged[right < alphabet.fixed] == right[right < alphabet.fixed]).all()
    assert (damaged == MASK).any()


def test_a_spinner_replaces_a_word_the_same_way_all_over_a_passage() -> None:
    keys = torch.tensor([[5, 9, 5, 9], [5, 9, 5, 9]])
    hashed = hashed_numbers(keys, torch.tensor([[1], [2]]), 1)
    assert torch.equal(hashed[:, :2], hashed[:, 2:])
    assert not torch.equal(hashed[0], hashed[1])
    assert ((hashed >= 0) & (hashed < 1)).all()


def test_training_taken_up_from_a_checkpoint_ends_where_it_would_have_ended(data: Path, tmp_path: Path) -> None:
    train.train(data, tmp_path / "work", tmp_path / "whole", config(), "cpu")
    whole = weights(tmp_path / "whole")
    assert (tmp_path / "work" / "checkpoint.pt").exists()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "write_weights", _stop)
        with pytest.raises(KeyboardInterrupt):
            train.train(data, tmp_path / "second", tmp_path / "part", config(), "cpu")
    train.train(data, tmp_path / "second", tmp_path / "part", config(), "cpu")
    part = weights(tmp_path / "part")
    assert whole.keys() == part.keys()
    assert all(np.allclose(whole[name], part[name], atol=1e-3) for name in whole)
    assert any(np.abs(value).max() > 0 for value in whole.values())


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def weights(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("weights-*.npz")):
        with np.load(path) as stored:
            found |= {name: stored[name] for name in stored.files}
    return found
