"""Train the network. Needs numpy and PyTorch only.

usage: python -m training.network.train DATA --out FOLDER [--work FOLDER] [--start FOLDER] [--config FILE] [--steps N]
       [--device cuda]

DATA is what ``training.network.data`` wrote. A checkpoint in the working folder is taken up where it was left; without
one training begins with the weights in the ``--start`` folder, if one is given, or with weights drawn. The
weights are written to FOLDER as half-precision ``weights-N.npz``, each smaller than 15 MB. The same seed, data and
device give the same passages and damage in the same order.
"""

from __future__ import annotations

import argparse
import lzma
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from training.network.alphabet import MASK, Alphabet
from training.network.damage import Tables, damage, pairs_of
from training.network.model import Network, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

STARTS = 1 << 15  # the bit that marks the first character of a word
HELD_OUT = 2_000_000  # characters at the end that are only tested on
SHARD = 15_000_000  # bytes of a file of weights


class Data(NamedTuple):
    """All of it on the device: text with word starts in the highest bit, tables."""

    text: Tensor
    tables: Tables


def load_data(folder: Path, times: list[int], device: str) -> tuple[Data, Network, Alphabet]:
    """Return data and a new network for its alphabet; of the text each corpus is taken so many ``times``."""
    net, alphabet = new_network(folder / "tables.npz")
    parts = [load_text(folder, corpus) for corpus, number in enumerate(times) for _ in range(number)]
    text = torch.from_numpy(np.concatenate(parts[::-1])).to(device)  # what is held out is of the first corpus
    with np.load(folder / "tables.npz") as stored:
        words = [
            torch.from_numpy(stored[name].astype(np.int64)).to(device)
            for name in ("wrong", "words", "homophones", "neighbours")
        ]
    pairs = pairs_of(text & (STARTS - 1), alphabet.size)
    return Data(text, Tables(*words, pairs, alphabet.fixed, alphabet.size)), net.to(device), alphabet


def new_network(tables: Path) -> tuple[Network, Alphabet]:
    """Return a network that has learnt nothing, for the alphabet, sounds and shapes of ``tables``."""
    with np.load(tables) as stored:
        alphabet = Alphabet(str(stored["known"]))
        sounds = torch.from_numpy(stored["sounds"])
        glyphs = torch.from_numpy(stored["shapes"].astype(np.float32))
    shape = Shape(len(alphabet.chars), alphabet.size, int(sounds.max()) + 1, glyphs.shape[1])
    return Network(shape, sounds, glyphs), alphabet


def load_text(folder: Path, corpus: int) -> NDArray[np.int16]:
    """Return the numbers of a corpus."""
    parts = []
    for path in sorted(folder.glob(f"text-{corpus}-*.npy.xz")):
        with lzma.open(path) as stream:
            parts.append(np.load(stream))
    return np.concatenate(parts).view(np.int16)


class Batches:
    """Draws passages and their damage."""

    def __init__(self, data: Data, config: dict[str, Any], device: str) -> None:
        self.data, self.config, self.device = data, config, device
        self.random = torch.Generator(device)

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the damaged and the right numbers (batch, length) of a step."""
        self.random.manual_seed(self.config["seed"] * 1_000_003 + step)
        length = self.config["lengths"][step % len(self.config["lengths"])]
        rows = self.config["tokens"] // length
        return self._passages(rows, length, len(self.data.text) - HELD_OUT, 0)

    def held_out(self, length: int) -> tuple[Tensor, Tensor]:
        """Return damaged and right numbers of text that is not trained on."""
        self.random.manual_seed(1)
        return self._passages(512, length, HELD_OUT, len(self.data.text) - HELD_OUT)

    def _passages(self, rows: int, length: int, size: int, first: int) -> tuple[Tensor, Tensor]:
        text = self.data.text[self._places(rows, length, size, first)].long()
        right, starts = text & (STARTS - 1), text < 0
        return damage(right, starts, self.data.tables, self.random), right

    def _places(self, rows: int, length: int, size: int, first: int) -> Tensor:
        at = torch.randint(size - length, (rows, 1), device=self.device, generator=self.random)
        return first + at + torch.arange(length, device=self.device)


def asked_places(damaged: Tensor, right: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Return (batch, number) the places of each passage that are foretold: the damaged ones, then some drawn."""
    order = torch.rand(right.shape, device=right.device, generator=random) + (damaged != right)
    return order.topk(int(right.shape[1] * share), dim=1).indices


def losses(net: Network, damaged: Tensor, right: Tensor, asked: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the mean loss of foretelling ``asked`` and of "is it wrong" on all places that are not hidden."""
    features = net(damaged)
    picked = features.gather(1, asked[..., None].expand(-1, -1, features.shape[-1]))
    wanted = right.gather(1, asked)
    scores = net.foretell(picked)
    readable = wanted < size  # what is never foretold is no mistake
    foretold = F.cross_entropy(scores.float().flatten(0, 1), torch.where(readable, wanted, -100).flatten())
    seen = (damaged != MASK).float()
    doubt = F.binary_cross_entropy_with_logits(net.doubt(features).float(), (damaged != right).float(), seen)
    return foretold, doubt


def optimisers(net: Network, config: dict[str, Any]) -> list[torch.optim.Optimizer]:
    """Return Muon (Jordan et al. 2024) for the matrices of the layers and AdamW for all else."""
    matrices = [p for p in net.layers.parameters() if p.ndim == 2]
    taken = {id(p) for p in matrices}
    rest = [p for p in net.parameters() if id(p) not in taken]
    decay = config["weight_decay"]
    return [
        torch.optim.Muon(matrices, lr=config["rate"], weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=config["rate"], betas=(0.9, 0.98), weight_decay=decay, fused=True),
    ]


def rate_at(step: int, config: dict[str, Any]) -> float:
    """Return the share of the highest learning rate that holds at a step: up, level, down to nothing."""
    left = (config["steps"] - step) / (config["steps"] * config["decay"])
    return float(min(1.0, (step + 1) / config["warmup"], left))


@torch.no_grad()
def test(net: Network, batches: Batches, size: int) -> str:
    """Return one line: loss and share foretold right of hidden, damaged and untouched characters of held-out text."""
    damaged, right = batches.held_out(256)
    with torch.autocast(batches.device, torch.bfloat16):
        features = net(damaged)
        best = torch.cat([net.foretell(part).argmax(-1) for part in features.split(64)])
        doubt = net.doubt(features).float()
    known = right < size
    hidden, changed, same = damaged == MASK, (damaged != right) & (damaged != MASK), damaged == right
    hits = [float((best == right)[group & known].float().mean()) for group in (hidden, changed, same)]
    found, false = float((doubt > 0)[changed].float().mean()), float((doubt > 0)[same].float().mean())
    return (
        f"hidden {hits[0]:.4f} damaged {hits[1]:.4f} untouched {hits[2]:.5f}; doubted: {found:.3f}, wrongly {false:.5f}"
    )


class Folders(NamedTuple):
    """Where the data lies, the checkpoint and the weights go, and where weights to ``start`` with lie, if any."""

    data: Path
    work: Path
    out: Path
    start: Path | None = None


def train(folders: Folders, config: dict[str, Any], device: str) -> None:
    """Train from the beginning or from the checkpoint in ``work``; write the weights at each checkpoint."""
    torch.manual_seed(config["seed"])
    torch.set_float32_matmul_precision("high")
    found, net, _ = load_data(folders.data, config["times"], device)
    if folders.start:
        net.load_state_dict({name: torch.from_numpy(array) for name, array in read_weights(folders.start).items()})
    batches, steps = Batches(found, config, device), optimisers(net, config)
    first = resume(folders.work, net, steps, device)
    lost = torch.compile(losses, dynamic=False) if device == "cuda" else losses
    began = time.monotonic()
    for step in range(first, config["steps"]):
        for optimiser in steps:
            for group in optimiser.param_groups:
                group["lr"] = config["rate"] * rate_at(step, config)
        damaged, right = batches.draw(step)
        asked = asked_places(damaged, right, config["asked"], batches.random)
        with torch.autocast(device, torch.bfloat16):
            foretold, doubt = lost(net, damaged, right, asked, net.shape.size)
        (foretold + config["doubt"] * doubt).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for optimiser in steps:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        if step % 100 == 0:
            print(f"{step} {time.monotonic() - began:.0f}s loss {foretold:.4f} {doubt:.4f}", flush=True)
        if (step + 1) % config["save"] == 0 or step + 1 == config["steps"]:
            print(f"{step + 1} {test(net, batches, net.shape.size)}", flush=True)
            save(folders.work, net, steps, step + 1)
            write_weights(net, folders.out)


def save(work: Path, net: Network, optimisers: list[torch.optim.Optimizer], step: int) -> None:
    """Write a checkpoint so that a reader sees all of it or the one before."""
    work.mkdir(parents=True, exist_ok=True)
    waiting = work / "checkpoint.part"
    torch.save({"net": net.state_dict(), "optimisers": [o.state_dict() for o in optimisers], "step": step}, waiting)
    waiting.replace(work / "checkpoint.pt")


def resume(work: Path, net: Network, optimisers: list[torch.optim.Optimizer], device: str) -> int:
    """Load the checkpoint, if there is one, and return the step it was taken after."""
    path = work / "checkpoint.pt"
    if not path.exists():
        return 0
    stored = torch.load(path, map_location=device, weights_only=True)
    net.load_state_dict(stored["net"])
    for optimiser, state in zip(optimisers, stored["optimisers"], strict=True):
        optimiser.load_state_dict(state)
    return int(stored["step"])


def write_weights(net: Network, out: Path) -> None:
    """Write the weights in half precision, in files of less than :data:`SHARD` bytes."""
    out.mkdir(parents=True, exist_ok=True)
    shard: dict[str, np.ndarray] = {}
    number = 0
    for name, value in net.state_dict().items():
        array = value.detach().cpu().numpy().astype(np.float16)
        if shard and sum(a.nbytes for a in shard.values()) + array.nbytes > SHARD:
            np.savez(out / f"weights-{number}.npz", **shard)
            shard, number = {}, number + 1
        shard[name] = array
    np.savez(out / f"weights-{number}.npz", **shard)


def read_weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return what :func:`write_weights` wrote."""
    found: dict[str, NDArray[np.float32]] = {}
    for path in sorted(folder.glob("weights-*.npz")):
        with np.load(path) as stored:
            found |= {name: stored[name].astype(np.float32) for name in stored.files}
    return found


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--start", type=Path, help="folder of weights to begin with")
    parser.add_argument("--config", type=Path, default=Path(__file__).parent / "config.toml")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--tokens", type=int)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    config = tomllib.loads(given.config.read_text(encoding="utf-8"))
    config["steps"], config["tokens"] = given.steps or config["steps"], given.tokens or config["tokens"]
    config["save"] = min(config["save"], config["steps"])
    train(Folders(given.data, given.work or given.out, given.out, given.start), config, given.device)


if __name__ == "__main__":
    main()
