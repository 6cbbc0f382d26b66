"""What gates mean: one idea per file, pure functions of traces."""
