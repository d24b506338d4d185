"""Arrow as qinggao uses it: with the system's memory, which gets it back.

Arrow's own pool keeps 40 MB and more in every process. Which one it takes is decided when pyarrow is first loaded; a
choice of the user's stands.
"""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
