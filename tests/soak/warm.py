"""What the process from which commands are forked has loaded, so that none spends its time on that."""

from __future__ import annotations

import pipeline
import pipeline.analysis.corpus
import pipeline.cli.main

pipeline.clean("护士工作计划\n努厉题高水泙.\n")
