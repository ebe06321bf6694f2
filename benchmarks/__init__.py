"""Our readable layers beside their peers, on one core: ``python -m benchmarks``."""
