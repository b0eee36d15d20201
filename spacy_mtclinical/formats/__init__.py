"""One module a file format: parse and write, pure, no Doc."""
