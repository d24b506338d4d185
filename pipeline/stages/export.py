"""export: tables, texts, log, database and manifest of the documents on standard input (see :mod:`pipeline.export`)."""

if __name__ == "__main__":
    from pipeline.pipe import export_stage

    export_stage()
