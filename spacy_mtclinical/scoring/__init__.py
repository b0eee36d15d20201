"""One module a metric, and the scorer that asks each task's metric."""
