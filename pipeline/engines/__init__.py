"""What runs a function over tasks: this process, a pool of processes, a cluster. None of them knows what a task is."""

from pipeline.engines.base import Engine, Run, here
from pipeline.engines.collection import rare_collection

__all__ = ["Engine", "Run", "here", "rare_collection"]
