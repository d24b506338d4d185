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
from training.network.damage import pairs_of, slips  # noqa: E402 - needs torch

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
    train.train(train.Folders(data, tmp_path / "work", tmp_path / "whole"), config(), "cpu")
    whole = train.read_weights(tmp_path / "whole")
    assert (tmp_path / "work" / "checkpoint.pt").exists()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "write_weights", _stop)
        with pytest.raises(KeyboardInterrupt):
            train.train(train.Folders(data, tmp_path / "second", tmp_path / "part"), config(), "cpu")
    train.train(train.Folders(data, tmp_path / "second", tmp_path / "part"), config(), "cpu")
    part = train.read_weights(tmp_path / "part")
    assert whole.keys() == part.keys()
    assert all(np.allclose(whole[name], part[name], atol=1e-3) for name in whole)
    assert any(np.abs(value).max() > 0 for value in whole.values())


def test_a_model_that_was_shipped_is_turned_back_into_weights_to_go_on_from(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the extra `network` is not installed")
    from training.network import export, restore  # noqa: PLC0415 - they need onnx

    train.train(train.Folders(data, tmp_path / "work", tmp_path / "first"), config(), "cpu")
    net, alphabet = export.load(data / "tables.npz", tmp_path / "first")
    export.export(net, alphabet, tmp_path / "network.onnx")
    again = restore.restore(tmp_path / "network.onnx", data / "tables.npz")
    numbers = torch.from_numpy(alphabet.numbers(TEXT))[None]
    with torch.no_grad():
        features, wanted = again(numbers), net(numbers)
        close = torch.nn.functional.cosine_similarity(features, wanted, dim=-1)
        far = torch.nn.functional.cosine_similarity(features, wanted.roll(1, dims=1), dim=-1)
        assert float(close.min()) > 0.99 > float(far.min())
        assert torch.allclose(again.doubt(features), net.doubt(wanted), atol=0.1)
        assert torch.allclose(again.foretell(features), net.foretell(wanted), atol=0.2)

    train.write_weights(again, tmp_path / "start")
    folders = train.Folders(data, tmp_path / "work2", tmp_path / "second", tmp_path / "start")
    train.train(folders, config(steps=1, save=1, rate=0.0), "cpu")
    first, second = (train.read_weights(tmp_path / name) for name in ("start", "second"))
    assert all(np.allclose(first[name], second[name], atol=1e-3) for name in first)


def test_the_likeliest_slips_are_those_that_the_text_has(data: Path) -> None:
    found, _, alphabet = train.load_data(data, [1, 1], "cpu")
    right = torch.from_numpy(alphabet.numbers(TEXT))[None]
    random = torch.Generator().manual_seed(1)
    size, known = found.tables.size, found.tables.fixed
    # two wrong characters for every right one, of which one often stands there in other texts
    common, rare = right.roll(3), right.roll(5)
    wrong = torch.arange(size)[:, None].repeat(1, 2)
    wrong[right[0]] = torch.stack([common[0], rare[0]], dim=1)
    pairs = torch.zeros(size * size, dtype=torch.half)
    pairs[right[0, :-1] * size + wrong[right[0, 1:], 0]] = 9
    tables = found.tables._replace(wrong=wrong, pairs=pairs)
    drawn = torch.cat([slips(right, tables, random) for _ in range(50)])
    open_ = (
        (right >= known)
        & (wrong[right[0], 0] != right)
        & (wrong[right[0], 1] != right)
        & (wrong[right[0], 0] != wrong[right[0], 1])
    )
    first = (drawn == wrong[right[0], 0])[:, open_[0]].float().mean()
    assert first > 0.65, "as many as if nothing stood beside them"
    assert first < 0.99


def test_pairs_are_counted_in_order() -> None:
    counts = pairs_of(torch.tensor([1, 2, 1, 2, 3, 9], dtype=torch.int16), 4).reshape(4, 4).float().expm1().round()
    assert counts[1, 2] == 2
    assert counts[2, 1] == counts[2, 3] == 1
    assert counts.sum() == 4, "what is not known is not counted"


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
