"""What the pipeline costs: speed, memory, start and training, each against a rival on the same texts."""
