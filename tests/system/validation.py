"""tests/system/validation.py RESULTS CAMPAIGN short|long: a validation campaign against published values, or of two methods against
each other

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

# two methods: the table's z, what both are about, largest own error over value (long), factor of the short form
AGREE = {
    "lj-mixture": [("thermal_conductivity", "thermal_conductivity_rnemd", "thermal_conductivity_z", 4.4 * KAPPA, 0.05, 4.0)],
}


def value_of(file, name):
    """value and error of the only point; NAME[Na]: of one species"""
    name, _, species = name.partition("[")
    index = 0
    if species:
        names = [b"".join(row).decode() for row in file["species"][()]]
        index = names.index(species.rstrip("]"))
    return float(np.ravel(file[name][()])[index]), float(np.ravel(file[name + "_error"][()])[index])


def against_published(file, campaign, form):
    """how many values are wrong"""
    bad = 0
    for name, (published, error, own, factor) in PUBLISHED.get(campaign, {}).items():
        value, uncertainty = value_of(file, name)
        z = (value - published) / math.hypot(uncertainty, error)
        if form == "long":
            good = abs(z) <= 3 and uncertainty <= own * value
        else:
            good = uncertainty > 0 and published / factor < value < published * factor
        print(f"{campaign} {name}: {value:.5g} +- {uncertainty:.2g}, published {published:.5g} +- {error:.2g}, z {z:.2f}" + ("" if good else "  WRONG"))
        bad += not good
    return bad


def against_each_other(file, campaign, form):
    """how many pairs are wrong"""
    bad = 0
    for first, second, ratio, about, own, factor in AGREE.get(campaign, []):
        (a, ua), (b, ub) = value_of(file, first), value_of(file, second)
        z = value_of(file, ratio)[0]
        good = ua > 0 and ub > 0 and abs(z - (b - a) / math.hypot(ua, ub)) < 1e-6
        if form == "long":
            good = good and abs(z) <= 3 and ua <= own * a and ub <= own * b
        else:
            good = good and all(about / factor < v < about * factor for v in (a, b))
        print(f"{campaign} {first}: {a:.5g} +- {ua:.2g}, {second}: {b:.5g} +- {ub:.2g}, z {z:.2f}" + ("" if good else "  WRONG"))
        bad += not good
    return bad


def main():
    path, campaign, form = sys.argv[1:]
    if campaign not in PUBLISHED and campaign not in AGREE:
        sys.exit(f"nothing is known about {campaign}")
    with h5py.File(path, "r") as file:
        bad = against_published(file, campaign, form) + against_each_other(file, campaign, form)
    sys.exit(f"{bad} values are wrong" if bad else 0)


main()
