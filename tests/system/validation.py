"""tests/system/validation.py RESULTS CAMPAIGN short|long: a validation campaign against published values

Values and sources stand in campaigns/validation/README.md. long: |z| <= 3, and own errors as small as asked for; short: within a
factor that a few picoseconds allow.
"""

import math
import sys

import h5py
import numpy as np

# Argon of the campaign in SI: what a reduced unit is
K, U = 1.380649e-23, 1.66053906660e-27
EPSILON, SIGMA, MASS = 119.8 * K, 3.405e-10, 39.948 * U
ETA, KAPPA = math.sqrt(MASS * EPSILON) / SIGMA**2, K / SIGMA**2 * math.sqrt(EPSILON / MASS)

# property: published value, its error, largest own error over value (long), factor of the short form
PUBLISHED = {
    "lj-triple-point": {
        "density": (1418.6, 1.4, 0.001, 1.05),  # the pressure is chosen so
        "viscosity": (3.268 * ETA, 0.055 * ETA, 0.03, 2.5),
        "thermal_conductivity": (6.946 * KAPPA, 0.12 * KAPPA, 0.05, 2.5),
    },
    "nacl-tosi-fumi": {
        "density": (1456.0, 3.0, 0.005, 1.08),
        "diffusion[Na]": (8.8e-9, 0.4e-9, 0.05, 2.5),
        "diffusion[Cl]": (8.2e-9, 0.5e-9, 0.05, 2.5),
        "ionic_conductivity": (349.0, 7.0, 0.05, 2.5),
    },
}


def value_of(file, name):
    """value and error of the only point; NAME[Na]: of one species"""
    name, _, species = name.partition("[")
    index = 0
    if species:
        names = [b"".join(row).decode() for row in file["species"][()]]
        index = names.index(species.rstrip("]"))
    return float(np.ravel(file[name][()])[index]), float(np.ravel(file[name + "_error"][()])[index])


def main():
    path, campaign, form = sys.argv[1:]
    bad = 0
    with h5py.File(path, "r") as file:
        for name, (published, error, own, factor) in PUBLISHED[campaign].items():
            value, uncertainty = value_of(file, name)
            z = (value - published) / math.hypot(uncertainty, error)
            if form == "long":
                good = abs(z) <= 3 and uncertainty <= own * value
            else:
                good = uncertainty > 0 and published / factor < value < published * factor
            print(f"{campaign} {name}: {value:.5g} +- {uncertainty:.2g}, published {published:.5g} +- {error:.2g}, z {z:.2f}" + ("" if good else "  WRONG"))
            bad += not good
    sys.exit(f"{bad} values are wrong" if bad else 0)


main()
