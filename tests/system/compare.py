"""Measurements made from the functions of tests/support/make_results.c, and what `compare` must say of them.

usage: compare.py write|read SCRATCH
"""
import csv
import json
import math
import os
import re
import sys

import h5py

what, folder = sys.argv[1:]
R = 8.31446261815324


def path(name):
    return os.path.join(folder, name)


def fractions():
    with h5py.File(path("melt.run/results.h5")) as table:
        return sorted(set(table["point/mole_fraction"][:, 0]))


def correlations(name, factor, u):
    """Density, viscosity, ionic and thermal conductivity, heat capacity: times a factor, with an uncertainty."""
    with open(path(name), "w", encoding="utf-8") as f:
        f.write("# made up\n#: source = truth times %g\n%sproperty,unit,CaCl2,T_min_K,T_max_K,form,D1,D2,D3,D4\n" % (
            factor, "#: u = %g %%\n#: confidence = standard\n" % u if u else ""))
        for x in fractions():
            f.write(f"density,g/cm3,{x!r},900,1200,linear,{factor * (3.0 + 0.1 * x)!r},{-6e-4 * factor!r},,\n")
            f.write(f"viscosity,mPa s,{x!r},900,1200,arrhenius,{factor * math.exp(0.3 * x - 2.0)!r},{2500.0 * R!r},,\n")
            f.write(f"ionic_conductivity,S/cm,{x!r},900,1100,arrhenius,{factor * 2.0 * math.e * (1.0 - 0.3 * x)!r},{-1000.0 * R!r},,\n")
            f.write(f"thermal_conductivity,W/(m K),{x!r},900,1200,linear,{factor * (0.6 + 0.05 * x)!r},{-1e-4 * factor!r},,\n")
            f.write(f"heat_capacity,J/(g K),{x!r},900,1200,heat,{factor * (0.9 + 0.05 * x)!r},0,0,0\n")


def write():
    correlations("same.csv", 1.0, 0.5)
    correlations("biased.csv", 1.0 / 1.02, 0.5)
    correlations("shifted.csv", 1.05, 0.5)
    bases()
    x = fractions()[1]
    mass = x * 110.984 / (x * 110.984 + (1.0 - x) * 74.5513)  # as compare has to turn it back
    with open(path("points.csv"), "w", encoding="utf-8") as f:
        f.write("property,unit,CaCl2,KCl,basis,T_K,value,u,confidence,species,source\n")
        f.write(f"density,kg/m3,{mass!r},{1 - mass!r},mass fraction,1000,{2400.0 + 100.0 * x!r},20,95 %,,\"A, B\"\n")
        f.write(f"density,kg/m3,{100 * x!r},{100 - 100 * x!r},mole percent,1025,{2385.0 + 100.0 * x!r},10,,,\"A, B\"\n")
        f.write(f"diffusion,cm2/s,{x!r},{1 - x!r},,1000,{1e-5 * 4.0!r},5 %,,Cl,C\n")
    with open(path("other.csv"), "w", encoding="utf-8") as f:
        f.write("property,unit,CaCl2,NaCl,T_K,value\n")
        f.write("density,kg/m3,0.5,0.5,1000,2000\n")  # another liquid
        f.write("density,kg/m3,0.7,0,1000,2000\n")  # no such composition
        f.write("density,kg/m3,0.5,0,1300,2000\n")  # too hot
        f.write("speed_of_sound,m/s,0.5,0,1000,2000\n")  # a hole


M = (0.110984, 0.0745513)  # kg/mol of CaCl2 and KCl


def density(x, kelvin):
    return 3000.0 + 100.0 * x - 0.6 * kelvin


def molarity(x, rho):
    """mol/L of CaCl2"""
    return 1e-3 * x * rho / (x * M[0] + (1.0 - x) * M[1])


def half():
    with h5py.File(path("pure.run/results.h5")) as table:
        return sorted(set(table["point/mole_fraction"][:, 0]))[1]


def bases():
    """A table with both pure liquids: volumes before mixing, and molarity with the density of the solution."""
    x = half()
    volume = [x * M[0] / density(1.0, 1010.0), (1.0 - x) * M[1] / density(0.0, 1010.0)]
    c = molarity(x, density(x, 1000.0))
    with open(path("bases.csv"), "w", encoding="utf-8") as f:
        f.write("#: solute = CaCl2\nproperty,unit,CaCl2,KCl,basis,T_K,value\n")
        f.write(f"ionic_conductivity,S/cm,{c!r},1,molarity,1000,{2.0 * (1.0 - 0.3 * x)!r}\n")
        f.write(f"density,kg/m3,{c!r},1,molarity,1300,2000\n")  # too hot for a density of ours
        f.write(f"density,kg/m3,{volume[0] / sum(volume)!r},{volume[1] / sum(volume)!r},volume fraction,1010,{density(x, 1010.0)!r}\n")


def read_bases():
    x, result = half(), json.load(open(path("bases.json"), encoding="utf-8"))
    pairs = {c["property"]: c["pairs"] for c in result["comparisons"]}
    check(sorted(pairs) == ["density", "ionic_conductivity"], f"molarity and volume fraction: {list(pairs)}")
    if problems:
        return
    check(all(abs(p["difference"]) < 1e-6 for list_ in pairs.values() for p in list_), f"molarity, volume fraction: {pairs}")
    check(len(result["not_compared"]) == 1 and "needs a density" in result["not_compared"][0]["reason"], "no density at 1300 K")
    # the composition that has this molarity where all densities are a standard error (0.5 %) higher
    c, low, high = molarity(x, density(x, 1000.0)), 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        u = 0.005 * density(1.0, 1000.0)
        low, high = (middle, high) if molarity(middle, density(middle, 1000.0) + u) < c else (low, middle)
    point = pairs["ionic_conductivity"][0]
    wanted = math.hypot(0.005 * point["value"], 200.0 * 0.3 * (x - low))
    check(abs(point["standard_error"] / wanted - 1.0) < 1e-3 and wanted > 1.005 * 0.005 * point["value"],
          f"error of the density in a molarity: {point}, wanted {wanted}")


problems = []


def check(good, text):
    if not good:
        problems.append(text)


def read():
    read_bases()
    text = open(path("same.txt"), encoding="utf-8").read()
    check(text.count("verdict: consistent") == 5, "the truth is not found consistent:\n" + text)
    check("+0.00 %" in text and "z   +0.0" in text, "differences from the truth")
    biased = json.load(open(path("biased.json"), encoding="utf-8"))
    check(len(biased["comparisons"]) == 5, "five properties")
    for c in biased["comparisons"]:
        check(abs(c["bias"] - 0.02) < 1e-9, f"{c['property']}: bias {c['bias']}")
        check(c["verdict"] == "biased" and 0.005 <= c["bias_error"] < 0.006, f"{c['property']}: {c['verdict']} {c['bias_error']}")
        check(abs(c["mape"] - 0.02) < 1e-9 and abs(c["rmse"] - 0.02) < 1e-9, f"{c['property']}: MAPE, RMSE")
        check(abs(c["trend_100K"]) < 1e-9 and abs(c["trend_composition"]) < 1e-9, f"{c['property']}: trends")
        n = 5 if c["property"] == "ionic_conductivity" else 7
        check(c["n"] == 3 * n, f"{c['property']}: {c['n']} points: only those in the range of the correlation")
        u = math.hypot(0.005, 0.005 * 1.02) / 1.02  # ours 0.5 % of the value, theirs 0.5 %
        for p in c["pairs"]:
            check(abs(p["z"] - 0.02 / 1.02 / u * 1.0) < 0.02, f"{c['property']}: z {p['z']}")
    points = json.load(open(path("points.json"), encoding="utf-8"))
    density, diffusion = points["comparisons"]
    check([p["temperature"] for p in density["pairs"]] == [1000.0, 1025.0], "a point off the grid is compared, too")
    check([p["from_correlation"] for p in density["pairs"]] == [False, True], "by the correlation there")
    check(all(abs(p["difference"]) < 1e-7 for p in density["pairs"] + diffusion["pairs"]), "mass fractions, mole percent, cm2/s")
    check(abs(density["pairs"][0]["measured_standard_error"] - 20.0 / 1.96) < 1e-9, "95 % is not one standard error")
    check(density["pairs"][1]["standard_error"] < density["pairs"][0]["standard_error"], "seven temperatures know more than one")
    check(density["pairs"][0]["source"] == "A, B", "a quoted source")
    reasons = [r["reason"] for r in points["not_compared"]]
    check(len(reasons) == 4, f"what was left out: {reasons}")
    for wanted, reason in zip(("component", "no point", "temperature", "no number"), reasons):
        check(wanted in reason, f"{reason}: wanted {wanted}")
    mutual = open(path("mutual.txt"), encoding="utf-8").read()
    check(len(re.findall(r"\+5\.00 % \+- 0\.71 %  THEY DISAGREE", mutual)) == 15, "two sources 5 % apart")
    check(mutual.count("verdict: none: the sources disagree") == 5, "sources that disagree give no verdict")
    rows = list(csv.DictReader(line for line in open(path("figures/compare.csv"), encoding="utf-8") if line[0] != "#"))
    check(len(rows) == 3 and float(rows[0]["measured"]) == density["pairs"][0]["measured"], "compare.csv")


write() if what == "write" else read()
for problem in problems[:20]:
    print(problem)
sys.exit(len(problems) > 0)
