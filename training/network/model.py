"""The network: a transformer encoder over characters that says what each one should be and whether it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes: numbers that can be read, of which the first ``size`` can be foretold; syllables; values of a glyph."""

    numbers: int
    size: int
    sounds: int
    glyph: int
    width: int = 320
    layers: int = 8
    heads: int = 5
    inner: int = 1280
    reach: int = 512  # positions at most


class Layer(nn.Module):
    """Attention and a feed-forward net, each on the normed stream (pre-norm)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm1 = nn.LayerNorm(shape.width)
        self.norm2 = nn.LayerNorm(shape.width)
        self.qkv = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)

    def forward(self, stream: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Return the stream (batch, length, width) after this layer; ``cos``, ``sin`` turn queries and keys."""
        batch, length, width = stream.shape
        qkv = self.qkv(self.norm1(stream)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        query, key = turn(query, cos, sin), turn(key, cos, sin)
        seen = F.scaled_dot_product_attention(query, key, value)
        stream = stream + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        return stream + self.down(F.gelu(self.up(self.norm2(stream))))


def turn(values: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Return queries or keys turned by their position (Su et al. 2021)."""
    first, second = values.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1).to(values.dtype)


class Network(nn.Module):
    """Reads numbers (batch, length) and gives features of each place; :meth:`foretell` turns them into scores."""

    def __init__(self, shape: Shape, sounds: Tensor, glyphs: Tensor) -> None:
        super().__init__()
        self.shape = shape
        self.chars = nn.Embedding(shape.numbers, shape.width)
        self.sounds = nn.Embedding(shape.sounds, shape.width)
        self.glyphs = nn.Linear(shape.glyph, shape.width, bias=False)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.width)
        self.head_norm = nn.LayerNorm(shape.width)
        self.bias = nn.Parameter(torch.zeros(shape.size))
        self.wrong = nn.Linear(shape.width, 1)
        self.register_buffer("sound_of", sounds, persistent=False)
        self.register_buffer("glyph_of", glyphs, persistent=False)
        half = shape.width // shape.heads // 2
        angles = torch.outer(torch.arange(shape.reach).float(), 10_000 ** (-torch.arange(half).float() / half))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.apply(_start)
        with torch.no_grad():  # characters that are only read have no vector of their own to begin with
            self.chars.weight[shape.size :] = 0
        for layer in self.layers:
            nn.init.normal_(layer.out.weight, std=0.02 / (2 * shape.layers) ** 0.5)
            nn.init.normal_(layer.down.weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def embedding(self) -> Tensor:
        """Return the vector of every number: its own, its sound's and its glyph's."""
        return self.chars.weight + self.sounds(self.sound_of) + self.glyphs(self.glyph_of)

    def forward(self, numbers: Tensor) -> Tensor:
        """Return features (batch, length, width) of numbers (batch, length)."""
        stream = self.chars(numbers) + self.sounds(self.sound_of[numbers]) + self.glyphs(self.glyph_of[numbers])
        length = numbers.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        for layer in self.layers:
            stream = layer(stream, cos, sin)
        return self.norm(stream)

    def foretell(self, features: Tensor) -> Tensor:
        """Return a score for each number that can be foretold (…, size) from features (…, width)."""
        hidden = self.head_norm(F.gelu(self.head(features)))
        return hidden @ self.chars.weight[: self.shape.size].T.to(hidden.dtype) + self.bias

    def doubt(self, features: Tensor) -> Tensor:
        """Return the log-odds (…) that what stands in each place is wrong."""
        return self.wrong(features).squeeze(-1)


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
