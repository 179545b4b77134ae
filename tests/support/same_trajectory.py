"""Compares two folders of trajectories: .xyz byte for byte, .h5md by every dataset and attribute, bit for bit.

usage: same_trajectory.py FOLDER FOLDER
"""
import os
import sys

import h5py


def contents(path):
    """Everything in a file that has a meaning."""
    found = {}

    def look(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = (item.shape, str(item.dtype), item[()].tobytes())
        for key, value in item.attrs.items():
            found[f"{name}@{key}"] = repr(value)

    with h5py.File(path, "r") as file:
        file.visititems(look)
        frames = file["particles/trajectory/position/value"].shape[0]
    return found, frames


def compare_files(a, b):
    """The number of frames; ends where they differ."""
    if a.endswith(".xyz"):
        with open(a, "rb") as x, open(b, "rb") as y:
            one, two = x.read(), y.read()
        if one != two:
            sys.exit(f"{a} and {b} differ")
        return one.count(b"Lattice=")
    (one, frames), (two, _) = contents(a), contents(b)
    bad = [k for k in sorted(set(one) | set(two)) if one.get(k) != two.get(k)]
    if bad:
        sys.exit(f"{a} and {b} differ: {bad}")
    return frames


def compare(first, second):
    """The numbers of files and frames; ends where the folders differ."""
    names = sorted(os.listdir(first))
    # what a killed process was writing: not a trajectory yet
    other = [name for name in sorted(os.listdir(second)) if not name.endswith(".new")]
    if names != other:
        sys.exit(f"other files: {names} and {other}")
    frames = [compare_files(os.path.join(first, n), os.path.join(second, n)) for n in names]
    if sum(frames) < 10:
        sys.exit(f"only {sum(frames)} frames: nothing was compared")
    return len(names), sum(frames)


if __name__ == "__main__":
    print("{} files with {} frames equal".format(*compare(sys.argv[1], sys.argv[2])))
