"""Reads exports back with readers of their own and compares them with the table they were made from.

usage: export.py SCRATCH; see export.sh, and tests/support/make_results.c for the functions behind the numbers
"""
import csv
import glob
import json
import math
import os
import re
import sys

import h5py
import numpy as np

folder = sys.argv[1]
problems = []
R = 8.31446261815324


def check(good, what):
    if not good:
        problems.append(what)


def near(a, b, tolerance, what):
    check(abs(a - b) <= tolerance * abs(b), f"{what}: {a!r}, wanted {b!r}")


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as text:
        return list(csv.DictReader(line for line in text if not line.startswith("#")))


def provenance(path, run):
    """Every file names the table it is from."""
    import hashlib

    with open(os.path.join(folder, run + ".run", "results.h5"), "rb") as table:
        digest = hashlib.sha256(table.read()).hexdigest()
    with open(path, encoding="utf-8") as text:
        check(digest in text.read(), f"{path} does not name its table")


# the functions that the numbers were made with
def density(x, t, p):
    return 2400.0 + 100.0 * x - 0.6 * (t - 1000.0) + 1e-7 * p


def viscosity(x, t):
    return 1e-3 * math.exp(2500.0 / t - 2.0 + 0.3 * x)


def conductivity(x, t):
    return 0.6 - 1e-4 * t + 0.05 * x


def heat(x):
    return 900.0 + 50.0 * x


def compressibility(x, t):
    return 2e-10 * (1.0 + 0.2 * x) * t / 1000.0


def csv_tables(run, out, flagged):
    """To the last bit, nothing more and nothing less than what may be exported."""
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        shape = table["density"].shape
        rows = rows_of(os.path.join(folder, out, "csv", "table.csv"))
        axes = [name for name in rows[0] if name in ("CaCl2", "temperature", "pressure", "salt_1")]
        values = {name: table[name][:] for name in axes}
        species = [bytes(s).rstrip(b"\0").decode() for s in np.array(table["species"]).view("S%d" % table["species"].shape[1])[:, 0]]
        seen = 0
        for row in rows:
            at = tuple(int(np.where(values[name] == float(row[name]))[0][0]) for name in axes)
            if row["property"] in ("coordination", "rdf_peak"):
                continue
            if row["member"]:
                at += (species.index(row["member"]),)
            check(float(row["value"]) == table[row["property"]][at], f"{run}: {row}")
            check(float(row["standard_error"]) == table[row["property"] + "_error"][at], f"{run}: {row}")
            check(row["units"] == table[row["property"]].attrs["units"].decode(), f"{run}: units of {row}")
            check(flagged or row["flags"] == "", f"{run}: flagged number {row}")
            seen += 1
        want = 0
        for name in ("density", "enthalpy", "heat_capacity", "isothermal_compressibility", "viscosity", "ionic_conductivity",
                     "thermal_conductivity", "diffusion"):
            good = np.isfinite(table[name][:])
            want += int(np.sum(good if flagged else good & (table[name + "_flag"][:] == 0)))
        check(seen == want, f"{run}: {seen} numbers in table.csv, wanted {want}")
        points = rows_of(os.path.join(folder, out, "csv", "points.csv"))
        check(len(points) == int(np.prod(shape)) + 1, f"{run}: {len(points)} rows in points.csv")
        check(points[0]["temperature"] == "K" and points[0]["density"] == "kg m-3", f"{run}: no row of units")
    provenance(os.path.join(folder, out, "csv", "table.csv"), run)


def mole_fractions(run):
    """Those really simulated, of the first component, by name of the series."""
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        return {f"{a:.6g}": m for a, m in zip(table["point/CaCl2"][:], table["point/mole_fraction"][:, 0])}


def foam(run):
    """Polynomials against the functions, over the range that the file states."""
    x_of = mole_fractions(run)
    files = glob.glob(os.path.join(folder, run + ".out", "openfoam", "*", "constant", "thermophysicalProperties"))
    check(len(files) == len(x_of), f"{run}: {len(files)} dictionaries")
    for path in files:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        x = x_of[re.search(r"CaCl2-([0-9.e-]+)", path).group(1)]
        low, high = map(float, re.search(r"Valid from (\S+) to (\S+) K", text).groups())
        check((low, high) == (900.0, 1200.0), f"{path}: range {low} to {high}")
        poly = {k: list(map(float, v.split())) for k, v in re.findall(r"(\w+Coeffs)<8> \(([^)]*)\)", text)}
        check(len(poly) == 4 and all(len(c) == 8 for c in poly.values()), f"{path}: {poly.keys()}")
        for t in np.linspace(low, high, 13):
            value = {k: sum(c * t**i for i, c in enumerate(v)) for k, v in poly.items()}
            near(value["rhoCoeffs"], density(x, t, 0.0), 1e-9, f"{path} rho at {t}")
            near(value["CpCoeffs"], heat(x), 1e-6, f"{path} Cp at {t}")
            near(value["muCoeffs"], viscosity(x, t), 5e-4, f"{path} mu at {t}")
            near(value["kappaCoeffs"], conductivity(x, t), 1e-9, f"{path} kappa at {t}")
        weight = float(re.search(r"molWeight (\S+);", text).group(1))
        near(weight, x * 110.984 + (1 - x) * 74.5513, 1e-4, f"{path} molWeight")
        check(text.count("{") == text.count("}") and text.count("(") == text.count(")"), f"{path}: brackets")
        provenance(path, run)
        with open(path.replace("constant", "tabulated"), encoding="utf-8") as f:
            table = f.read()
        pairs = re.search(r"mu\s*\(\s*((?:\([^)]*\)\s*)+)\)", table).group(1)
        for t, mu in re.findall(r"\((\S+) (\S+)\)", pairs):
            near(float(mu), viscosity(x, float(t)), 1e-7, f"{path} table of mu at {t}")


def mstdb(run):
    with open(os.path.join(folder, run + ".out", "mstdb-tp", "mstdb-tp.json"), encoding="utf-8") as f:
        system = json.load(f)["MSTDBTP"]["evaluated"]["CaCl2-KCl"]
    check(len(system) == len(mole_fractions(run)), f"{run}: {len(system)} compositions in JSON")
    for key, entry in system.items():
        x = float(key.split("-")[0])
        near(sum(map(float, key.split("-"))), 1.0, 1e-5, f"fractions of {key}")
        for t in (900.0, 1050.0, 1200.0):
            a, b = entry["density"]["values"]
            near(a - b * t, 1e-3 * density(x, t, 0.0), 1e-5, f"{key} density")
            a, b = entry["viscosity"]["values"]
            near(a * math.exp(b / (R * t)), 1e3 * viscosity(x, t), 1e-5, f"{key} viscosity")
            a, b = entry["thermal_conductivity"]["values"]
            near(a + b * t, conductivity(x, t), 1e-5, f"{key} conductivity")
            a, b, c, d = entry["heat_capacity"]["values"]
            near(a + b * t + c / t**2 + d * t**2, 1e-3 * entry["molecular_weight"] * heat(x), 1e-5, f"{key} heat capacity")
        for name in ("density", "viscosity", "thermal_conductivity", "heat_capacity"):
            p = entry[name]
            check(p["range"] == [900.0, 1200.0], f"{key} {name}: range {p['range']}")
            check(0.1 < p["pct_uncertainty"] < 2.0, f"{key} {name}: {p['pct_uncertainty']} %")
            check(set(p) == {"values", "range", "pct_uncertainty", "uncertainty_notes", "reference", "DOI"}, f"{key} {name}: keys")


def moose(run, pressures):
    x_of = mole_fractions(run)
    known = {"pressure", "temperature", "density", "enthalpy", "internal_energy", "viscosity", "k", "cp", "cv", "c", "entropy"}
    files = glob.glob(os.path.join(folder, run + ".out", "moose", "*.csv"))
    check(len(files) == len(x_of), f"{run}: {len(files)} files for MOOSE")
    for path in files:
        with open(path, encoding="utf-8") as f:
            lines = [line for line in f if not line.startswith("#")]
        names = [n.strip() for n in lines[0].split(",")]
        data = np.array([[float(v) for v in line.split(",")] for line in lines[1:]])
        check(set(names) == known, f"{path}: columns {names}")
        col = {n: data[:, i] for i, n in enumerate(names)}
        p, t = np.unique(col["pressure"]), np.unique(col["temperature"])
        check(len(p) == pressures and len(p) * len(t) == len(data), f"{path}: not a product")
        check(np.all(np.diff(col["pressure"]) >= 0), f"{path}: pressure does not rise")
        for row in data:
            r = dict(zip(names, row))
            x = x_of[re.search(r"CaCl2-([0-9.e-]+?)(?:_|\.csv)", path).group(1)]
            rho = density(x, r["temperature"], r["pressure"]) if pressures == 3 else density(x, r["temperature"], 0.0) * (
                1.0 + compressibility(x, r["temperature"]) * r["pressure"])
            near(r["density"], rho, 1e-6, f"{path} density")
            near(r["cp"], heat(x), 1e-6, f"{path} cp")
            near(r["internal_energy"], r["enthalpy"] - r["pressure"] / r["density"], 1e-9, f"{path} energy")
            kappa, alpha = compressibility(x, r["temperature"]), 0.6 / rho
            near(r["cv"], r["cp"] - r["temperature"] * alpha**2 / (rho * kappa), 2e-3, f"{path} cv")
            near(r["c"], math.sqrt(r["cp"] / (r["cv"] * rho * kappa)), 2e-3, f"{path} c")
        # (dh/dT)_p = c_p, and s goes with it
        at = col["pressure"] == p[0]
        h, s, kelvin = col["enthalpy"][at], col["entropy"][at], col["temperature"][at]
        near((h[-1] - h[0]) / (kelvin[-1] - kelvin[0]), heat(x), 1e-6, f"{path} enthalpy")
        near(s[-1] - s[0], heat(x) * math.log(kelvin[-1] / kelvin[0]), 1e-6, f"{path} entropy")


def modelica_tables(path):
    """name -> matrix; the format's own rules"""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    check(lines[0] == "#1", f"{path}: first line {lines[0]!r}")
    tables, i = {}, 1
    while i < len(lines):
        head = re.match(r"double (\w+)\((\d+),(\d+)\)", lines[i])
        i += 1
        if not head:
            continue
        n, m = int(head.group(2)), int(head.group(3))
        tables[head.group(1)] = np.array([[float(v) for v in line.split()] for line in lines[i:i + n]])
        check(tables[head.group(1)].shape == (n, m), f"{path}: {head.group(1)} is {tables[head.group(1)].shape}")
        i += n
    return tables


def modelica(run):
    tables = modelica_tables(os.path.join(folder, run + ".out", "modelica", "viscosity.txt"))
    check(set(tables) == {"viscosity", "viscosity_error"}, f"{run}: {set(tables)}")
    m = tables["viscosity"]
    check(m[0, 0] == 0.0 and np.all(np.diff(m[0, 1:]) > 0) and np.all(np.diff(m[1:, 0]) > 0), f"{run}: axes of the table")
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        check(np.array_equal(m[1:, 1:], table["viscosity"][:, :, 0]), f"{run}: values of the table")
        check(np.array_equal(tables["viscosity_error"][1:, 1:], table["viscosity_error"][:, :, 0]), f"{run}: errors of the table")
    with open(os.path.join(folder, run + ".out", "modelica", "LiquidProperties.mo"), encoding="utf-8") as f:
        text = f.read()
    for line in ("temperature_min(unit=\"K\") = 900;", "temperature_max(unit=\"K\") = 1200;", "viscosity_unit = \"Pa s\";"):
        check(line in text, f"{run}: no {line} in the record")


def modelica_holes():
    """Several axes: a table over temperature a series; a hole within the range comes from the correlation."""
    filled = 0
    with h5py.File(os.path.join(folder, "grid.run", "results.h5")) as table:
        for path in glob.glob(os.path.join(folder, "grid.out", "modelica", "CaCl2-*", "viscosity.txt")):
            m = modelica_tables(path)["viscosity"]
            name = os.path.basename(os.path.dirname(path))
            x, p = map(float, re.match(r"CaCl2-(\S+)_pressure-(\S+)", name).groups())
            i = int(np.argmin(abs(table["CaCl2"][:] - x)))
            k = int(np.argmin(abs(table["pressure"][:] - p)))
            for j in range(7):
                v = table["viscosity"][i, j, k]
                if np.isfinite(v):
                    check(m[j, 1] == v, f"{path}: {m[j, 1]}, wanted {v}")
                else:
                    filled += 1
                    near(m[j, 1], viscosity(table["point/mole_fraction"][(i * 7 + j) * 3 + k, 0], m[j, 0]), 1e-6, path)
    check(filled > 0, "no hole was filled")


def comsol(run):
    data = np.loadtxt(os.path.join(folder, run + ".out", "comsol", "density.txt"), comments="%")
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        check(data.shape == (table["density"].size, 4), f"{run}: {data.shape} for COMSOL")
        check(np.array_equal(data[:, 2], table["density"][:].ravel()), f"{run}: densities for COMSOL")


def fluent(run):
    x_of = mole_fractions(run)
    for path in glob.glob(os.path.join(folder, run + ".out", "fluent", "*.txt")):
        x = x_of[re.search(r"CaCl2-([0-9.]+)\.txt", path).group(1)]
        with open(path, encoding="utf-8") as f:
            parts = re.split(r"^; (.*) \[.*points, within.*$", f.read(), flags=re.M)
        tables = {parts[k]: np.array([line.split() for line in parts[k + 1].strip().split("\n")], float)
                  for k in range(1, len(parts), 2)}
        check(set(tables) == {"density", "cp", "viscosity", "thermal conductivity"}, f"{path}: {set(tables)}")
        check(all(2 <= len(m) <= 30 and np.all(np.diff(m[:, 0]) > 0) for m in tables.values()), f"{path}: points")
        for t in np.linspace(900.0, 1200.0, 61):
            near(np.interp(t, *tables["viscosity"].T), viscosity(x, t), 1e-3, f"{path} viscosity at {t}")


csv_tables("clean", "clean.out", False)
csv_tables("flat", "flat.out", False)
csv_tables("odd", "odd.out", False)
csv_tables("grid", "grid.out", False)
csv_tables("grid", "flagged.out", True)
foam("flat")
mstdb("flat")
moose("flat", 2)
moose("clean", 3)
modelica("flat")
modelica_holes()
comsol("flat")
fluent("flat")
# what hangs on flagged numbers alone has no correlation in any format
check(not glob.glob(os.path.join(folder, "grid.out", "openfoam", "CaCl2-1_*")), "a flagged composition was exported")
check(glob.glob(os.path.join(folder, "grid.out", "openfoam", "CaCl2-0_*")), "a clean composition was not exported")
for problem in problems[:20]:
    print(problem)
sys.exit(len(problems) > 0)
