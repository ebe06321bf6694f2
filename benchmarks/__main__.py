"""``python -m benchmarks``: race the layers against their peers and print one table."""

import argparse
import sys

from benchmarks import machine

FAMILIES = (
    "mlp",
    "epoch",
    "conv",
    "attention",
    "layers",
    "gradcheck",
    "cross-entropy",
    "import",
    "frames",
    "xor",
)
NEEDS = """\
The benchmarks need PyTorch, autograd and scikit-learn, and {missing} is not installed:
    pip install -e ".[benchmarks]"\
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(FAMILIES)}; else all")
    parser.add_argument("--rounds", type=int, default=15, help="quiet rounds to wait for")
    parser.add_argument("--seconds", type=float, default=15.0, help="at most, for one race")
    parser.add_argument("--save", action="store_true", help="write the table of benchmarks/README")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(FAMILIES))
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(FAMILIES)}")
    if options.save and options.names:
        parser.error("--save needs the whole table: leave out the names")

    machine.pin()  # before NumPy is imported, so everything that needs it is imported below
    try:
        from benchmarks.run import run
    except ModuleNotFoundError as missing:
        sys.exit(NEEDS.format(missing=missing.name))
    run(options.names or FAMILIES, options.rounds, options.seconds, options.save)


if __name__ == "__main__":
    main()
