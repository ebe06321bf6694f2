"""The state of the machine that every contender finds: one thread, one core, one allocator."""

import os
import platform
from importlib import metadata

LIBRARIES = ("numpy", "scipy", "torch", "autograd", "scikit-learn", "matplotlib", "ipywidgets")


def pin():
    """Allow one thread and one core; call it before NumPy is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def settle():
    """Check that all have one thread, and bring the allocator into the state of a long session.

    The C library of Linux hands large freed arrays back to the system, and each step then pays to
    fetch them again. Once a 31 MiB array was freed it keeps them, as it does in any kernel that
    has run for a while.
    """
    import numpy as np
    import torch
    from threadpoolctl import threadpool_info

    torch.set_num_threads(1)
    busy = [pool["filepath"] for pool in threadpool_info() if pool["num_threads"] != 1]
    if busy:
        raise RuntimeError(f"These libraries run on more than one thread: {', '.join(busy)}.")
    np.ones(31 * 2**20, np.uint8)


def versions():
    """Return one line: Python, the libraries and the processor."""
    parts = [f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            parts.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"{', '.join(parts)}; {_processor()}, {platform.system()}"


def load():
    """Return how many processes wanted a core in the last minute, ours not counted."""
    return max(0.0, os.getloadavg()[0] - 1.0) if hasattr(os, "getloadavg") else 0.0


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
