"""The promises about speed, measured: `python -m benchmarks` runs them all.

Each `bench_*.py` has a function `rows()` that returns one dictionary per promise: `name`, what was
`measured`, its `limit` (None where a number is only stated) and whether that is `ok`.
"""
