"""Arrow as qinggao uses it: with the system's memory, which gets it back.

Arrow's own pool keeps 40 MB and more in every process and makes cleaning a fifth slower. All of Arrow takes what the
environment says when it is loaded, a choice of the user's first; where it was loaded before, pyarrow at least is told.
"""

import os

KIND = os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

import pyarrow as pa  # noqa: E402 - it reads the environment when it is loaded

if KIND == "system":
    pa.set_memory_pool(pa.system_memory_pool())
