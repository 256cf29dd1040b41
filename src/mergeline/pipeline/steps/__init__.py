"""The steps, one a file; the table is `mergeline.pipeline.table`."""
