"""Turn a shipped network back into weights that training can go on from.

usage: python -m training.network.restore network.onnx TABLES.npz --out FOLDER

8 bits are enough to begin with: a few hundred steps make up for what they lost. The vectors that the model holds are
sums of a character's own, its sound's and its glyph's; those of known characters stand in the last matrix once more, so
that the other two are found by least squares, and for a character that is only read the rest is its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from training.network.train import new_network, write_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.network.model import Network

    Floats = NDArray[np.float32]

LEAST = 1e-3
PRODUCTS = ("qkv", "out", "up", "down")  # of a layer, in the order in which they are computed


def matrices(model: onnx.ModelProto) -> tuple[list[Floats], dict[str, Floats]]:
    """Return the 8-bit matrices (inputs, outputs) in the order in which they are multiplied, and all else by name."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in stored:
            name = node.input[1].removesuffix("_quantized")
            # zero points are zero: weights are quantised symmetrically
            found.append(stored[node.input[1]].astype(np.float32) * stored[f"{name}_scale"])
    named = {name: array for name, array in stored.items() if array.dtype == np.float32 and "_scale" not in name}
    quantised = stored["vectors_quantized"].astype(np.float32) - stored["vectors_zero_point"].astype(np.float32)
    named["vectors"] = quantised * stored["vectors_scale"]
    return found, named


def parts_of(vectors: Floats, own: Floats, sounds: NDArray[np.int64], glyphs: Floats) -> dict[str, Floats]:
    """Return the weights whose sums are ``vectors``, where the first of them have vectors of their ``own``."""
    number = int(sounds.max()) + 1
    known = np.zeros_like(vectors)
    known[: len(own)] = own
    given = np.concatenate([np.eye(number, dtype=np.float32)[sounds], glyphs], axis=1)
    square = given.T @ given + LEAST * np.eye(given.shape[1])  # a syllable may have no character
    solved = np.linalg.solve(square, given.T @ (vectors - known)).astype(np.float32)
    rest = vectors - (given @ solved).astype(np.float32)
    rest[: len(own)] = own
    return {"chars.weight": rest, "sounds.weight": solved[:number], "glyphs.weight": solved[number:].T}


def restore(path: Path, tables: Path) -> Network:
    """Return the network that a model was made of, as far as 8 bits tell.

    Ends where ``tables`` are of another alphabet.
    """
    model = onnx.load(str(path))
    net, alphabet = new_network(tables)
    shape, sounds, glyphs = net.shape, net.sound_of.numpy(), net.glyph_of.numpy()
    chars = next(prop.value for prop in model.metadata_props if prop.key == "chars")
    if chars != alphabet.chars[: alphabet.size]:
        raise SystemExit(f"{tables}: made for other characters than the model; make it of the same corpora")
    products, named = matrices(model)
    last = next(product for product in products if product.shape == (shape.width, alphabet.size))
    state: dict[str, Floats] = {
        name.removeprefix("net."): array for name, array in named.items() if name.startswith("net.")
    }
    for number in range(shape.layers):
        for place, product in enumerate(PRODUCTS):
            state[f"layers.{number}.{product}.weight"] = products[number * len(PRODUCTS) + place].T
    others = [product for product in products[shape.layers * len(PRODUCTS) :] if product is not last]
    for product in others:
        state["wrong.weight" if product.shape[1] == 1 else "head.weight"] = product.T
    state |= parts_of(named["vectors"], last.T, sounds, glyphs)
    net.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()})
    return net


def main() -> None:
    """Read, turn back, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write_weights(restore(given.model, given.tables), given.out)


if __name__ == "__main__":
    main()
