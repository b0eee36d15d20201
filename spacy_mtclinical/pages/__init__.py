"""Self-contained HTML pages: annotated notes, what a pipeline scores, and recipes compared."""
