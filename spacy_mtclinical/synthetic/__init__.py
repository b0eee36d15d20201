"""A seeded generator of small, invented corpora in the eight native formats; see `corpora.write_corpora`."""
