"""Writes a potential like another one, for committees: the linear coefficients of its basis functions times FACTOR.

usage: scale_potential.py IN OUT FACTOR   (forces are FACTOR times as large; energies of single atoms stay as they are)
An active set, which belongs to other coefficients then, is left out.
"""
import re
import sys

source, target, factor = sys.argv[1], sys.argv[2], float(sys.argv[3])


def scaled(match):
    return match[1] + ", ".join(f"{factor * float(x):.15e}" for x in match[2].split(b",")).encode() + b"}"


with open(source, "rb") as file:
    text, n = re.subn(rb"(moment_coeffs = \{)([^}]*)\}", scaled, file.read().partition(b"#MVS")[0])
assert n == 1, n
with open(target, "wb") as file:
    file.write(text)
