"""Compares two results files bit for bit; what depends on the clock is left out.

usage: same_table.py A.h5 B.h5
"""
import sys

import h5py
import numpy as np

CLOCK = ("wall", "seconds", "history")


def datasets(path):
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.__setitem__(name, item[()])
                        if isinstance(item, h5py.Dataset) else None)
    return {k: np.asarray(v) for k, v in found.items() if not any(c in k for c in CLOCK)}


def compare(first, second):
    """The number of datasets; ends where they differ."""
    a, b = datasets(first), datasets(second)
    if set(a) != set(b):
        sys.exit(f"datasets differ: {sorted(set(a) ^ set(b))}")
    bad = [k for k in a if a[k].shape != b[k].shape or a[k].dtype != b[k].dtype or a[k].tobytes() != b[k].tobytes()]
    if bad:
        sys.exit(f"values differ: {bad}")
    if len(a) < 10:
        sys.exit(f"only {len(a)} datasets: nothing was compared")
    return len(a)


if __name__ == "__main__":
    print(f"{compare(sys.argv[1], sys.argv[2])} datasets equal")
