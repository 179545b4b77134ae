"""Checks FMUs: the standards' rules in their XML, and what they answer against results.h5.

usage: export_fmu.py SCRATCH DRIVE; see export_fmu.sh, and tests/support/make_results.c for the functions behind the numbers
"""
import glob
import math
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib

import h5py
import numpy as np

folder, drive = sys.argv[1], sys.argv[2]
problems = []
random.seed(1)


def check(good, what):
    if not good:
        problems.append(what)


# The standards' rules -------------------------------------------------------------------------------------------------

ORDER = {2: ["ModelExchange", "CoSimulation", "UnitDefinitions", "TypeDefinitions", "LogCategories", "DefaultExperiment",
             "ModelVariables", "ModelStructure"]}
ORDER[3] = ORDER[2]
SI = {"kg m-3": {"kg": 1, "m": -3}, "K": {"K": 1}, "Pa": {"kg": 1, "m": -1, "s": -2}, "Pa-1": {"kg": -1, "m": 1, "s": 2},
      "Pa s": {"kg": 1, "m": -1, "s": -1}, "J kg-1 K-1": {"m": 2, "s": -2, "K": -1}, "m2 s-1": {"m": 2, "s": -1},
      "S m-1": {"kg": -1, "m": -3, "s": 3, "A": 2}, "W m-1 K-1": {"kg": 1, "m": 1, "s": -3, "K": -1}, "1": {},
      "J mol-1": {"kg": 1, "m": 2, "s": -2, "mol": -1}, "J mol-1 K-1": {"kg": 1, "m": 2, "s": -2, "mol": -1, "K": -1}}


def variables(root, version):
    """Name, reference, index from 1, attributes of variable and type in one."""
    found = []
    for index, v in enumerate(root.find("ModelVariables"), 1):
        a = dict(v.attrib)
        if version == 2:
            check(v.tag == "ScalarVariable" and len(v) == 1, f"variable {a['name']}: {v.tag}")
            a.update(v[0].attrib)
        a["kind"] = {"Real": "Float64", "Enumeration": "Enumeration"}.get(v[0].tag) if version == 2 else v.tag
        a["index"] = index
        found.append(a)
    return found


def check_variable(v, units, types, what):
    what = f"{what}: variable {v['name']}"
    check(v["kind"] in ("Float64", "Enumeration"), f"{what}: type {v['kind']}")
    check(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", v["name"]), f"{what}: its name")
    check(v["kind"] != "Float64" or v["causality"] == "independent" or v["unit"] in units, f"{what}: unit {v.get('unit')}")
    check(v["kind"] != "Enumeration" or v["declaredType"] in types, f"{what}: type {v.get('declaredType')}")
    if v["causality"] == "input":
        check(v["variability"] == "continuous" and "start" in v and "initial" not in v, f"{what}: an input without start")
    elif v["causality"] == "output":
        check(v["variability"] == "continuous" and "start" not in v and v["initial"] == "calculated", f"{what}: an output")
    elif v["causality"] == "parameter":
        check(v["variability"] == "fixed" and v["initial"] == "exact" and v["start"] == "1", f"{what}: a parameter")
    else:
        check(v["causality"] == "independent" and v["name"] == "time" and "start" not in v and "initial" not in v, what)


def check_structure(root, version, found, what):
    structure = root.find("ModelStructure")
    key = "index" if version == 2 else "valueReference"
    if version == 2:
        check([e.tag for e in structure] == ["Outputs", "InitialUnknowns"], f"{what}: structure")
        lists = [structure[0], structure[1]]
    else:
        lists = [structure.findall("Output"), structure.findall("InitialUnknown")]
        check(len(lists[0]) + len(lists[1]) == len(structure), f"{what}: structure")
    name = {str(v[key]): v for v in found}
    outputs = [str(v[key]) for v in found if v["causality"] == "output"]
    inputs = [str(v[key]) for v in found if v["causality"] == "input"]
    policy = [str(v[key]) for v in found if v["causality"] == "parameter"]
    for initial, unknowns in enumerate(lists):
        check([u.get(key) for u in unknowns] == outputs, f"{what}: unknowns are not the outputs in their order")
        for u in unknowns:
            on = u.get("dependencies").split()
            check(len(on) == len(u.get("dependenciesKind").split()), f"{what}: kinds of {u.attrib}")
            wanted = inputs + policy if initial else inputs
            if name[u.get(key)]["name"].startswith("x_"):
                wanted = [i for i in wanted if name[i]["name"] not in ("temperature", "pressure")]
            check(on == wanted, f"{what}: {name[u.get(key)]['name']} hangs on {on}, wanted {wanted}")


def check_interfaces(root, version, path, what):
    names = {root.find(k).get("modelIdentifier") for k in ("ModelExchange", "CoSimulation")}
    check(len(names) == 1, f"{what}: {names}")
    identifier = names.pop()
    check(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", identifier), f"{what}: {identifier} is no name in C")
    binaries = glob.glob(os.path.join(path, "binaries", "*", "*"))
    check(len(binaries) == 1 and os.path.basename(binaries[0]) == identifier + ".so", f"{what}: {binaries}")
    if os.uname().machine == "x86_64":
        wanted = "linux64" if version == 2 else "x86_64-linux"
        check(os.path.basename(os.path.dirname(binaries[0])) == wanted, f"{what}: {binaries}")
    ours = "providesDirectionalDerivative" + ("" if version == 2 else "s")
    check(all(root.find(k).get(ours) == "true" for k in ("ModelExchange", "CoSimulation")), f"{what}: derivatives undeclared")
    if version == 2:
        sources = [f.get("name") for f in root.findall("CoSimulation/SourceFiles/File")]
    else:
        build = ET.parse(os.path.join(path, "sources", "buildDescription.xml")).getroot()
        check(build.get("fmiVersion") == "3.0", f"{what}: build description")
        check(build.find("BuildConfiguration").get("modelIdentifier") == identifier, f"{what}: build description")
        sources = [f.get("name") for f in build.iter("SourceFile")]
    check(sources and all(os.path.exists(os.path.join(path, "sources", s)) for s in sources), f"{what}: sources {sources}")


def check_table(path, token, what):
    with open(os.path.join(path, "resources", "table.txt"), "rb") as f:
        text = f.read()
    check(b"\ntoken " + token.encode() + b"\n" in text, f"{what}: the table has another token than the XML")
    check(text[-13:] == b"crc %08x\n" % zlib.crc32(text[:-13]), f"{what}: checksum of the table")


def rules(name, version, run):
    """modelDescription.xml of an FMU laid out in a folder; returns its variables."""
    path = os.path.join(folder, f"{name}{version}")
    what = f"{name}, FMI {version}"
    root = ET.parse(os.path.join(path, "modelDescription.xml")).getroot()
    check(root.tag == "fmiModelDescription" and root.get("fmiVersion") == f"{version}.0", f"{what}: {root.attrib}")
    check([e.tag for e in root] == ORDER[version], f"{what}: elements {[e.tag for e in root]}")
    token = root.get("guid" if version == 2 else "instantiationToken")
    check(re.fullmatch(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", token or ""), f"{what}: token {token}")
    check_table(path, token, what)
    units = {}
    for u in root.find("UnitDefinitions"):
        check(u.get("name") not in units, f"{what}: unit {u.get('name')} twice")
        units[u.get("name")] = {k: int(e) for k, e in u.find("BaseUnit").attrib.items()}
    for unit, powers in units.items():
        check(SI.get(unit) == powers, f"{what}: unit {unit} is {powers}")
    types = [t.get("name") for t in root.find("TypeDefinitions")]
    found = variables(root, version)
    for key in ("name", "valueReference"):
        check(len({v[key] for v in found}) == len(found), f"{what}: a {key} twice")
    for v in found:
        check_variable(v, units, types, what)
    check(sum(v["causality"] == "independent" for v in found) == (1 if version == 3 else 0), f"{what}: time")
    check_structure(root, version, found, what)
    check_interfaces(root, version, path, what)
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        description = table.attrs["description"]
    if isinstance(description, bytes):
        description = description.decode()
    check(root.get("description").startswith(re.sub(r"[\x00-\x1f]", " ", description)), f"{what}: {root.get('description')}")
    page = ET.parse(os.path.join(path, "documentation", "index.html")).getroot()
    check("html" in page.tag and len(list(page.iter("{http://www.w3.org/1999/xhtml}tr"))) >= 10, f"{what}: documentation")
    return {v["name"]: v for v in found}, token


# What they answer -----------------------------------------------------------------------------------------------------


def ask(name, version, token, questions, policy=1, mode="cs"):
    """Rows: status of the value, value, status of the derivatives, derivatives."""
    path = os.path.join(folder, f"{name}{version}")
    binary = glob.glob(os.path.join(path, "binaries", "*", "*.so"))[0]
    n = len(questions[0]) - 1
    text = "\n".join(" ".join(repr(x) for x in q) for q in questions)
    out = subprocess.run([drive, str(version), binary, token, os.path.join(path, "resources"), str(n), "values", str(policy), mode],
                         input=text, capture_output=True, text=True, check=False, timeout=120)
    rows = [[float(w) for w in line.split()] for line in out.stdout.split("\n") if line]
    check(out.returncode == 0 and len(rows) == len(questions), f"{name}: {len(rows)} answers, {out.stdout[-200:]} {out.stderr[-200:]}")
    return rows


def slopes(t, y):
    """Of monotone cubics, written down anew: weighted harmonic means, three points at the ends."""
    h, d = np.diff(t), np.diff(y) / np.diff(t)
    if len(t) == 2:
        return np.array([d[0], d[0]])
    m = np.zeros(len(t))
    for k in range(1, len(t) - 1):
        if d[k - 1] * d[k] > 0:
            a, b = 2 * h[k] + h[k - 1], h[k] + 2 * h[k - 1]
            m[k] = (a + b) / (a / d[k - 1] + b / d[k])
    for end, (h0, h1, d0, d1) in ((0, (h[0], h[1], d[0], d[1])), (-1, (h[-1], h[-2], d[-1], d[-2]))):
        e = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
        if e * d0 <= 0:
            e = 0.0
        elif d0 * d1 < 0 and abs(e) > 3 * abs(d0):
            e = 3 * d0
        m[end] = e
    return m


def cubic(t, y, at):
    """A monotone cubic in the power form of its cell; straight on outside."""
    m = slopes(t, y)
    if at < t[0]:
        return y[0] + m[0] * (at - t[0])
    if at > t[-1]:
        return y[-1] + m[-1] * (at - t[-1])
    k = min(int(np.searchsorted(t, at, side="right")) - 1, len(t) - 2)
    h, u = t[k + 1] - t[k], at - t[k]
    d = (y[k + 1] - y[k]) / h
    return y[k] + u * (m[k] + u * ((3 * d - 2 * m[k] - m[k + 1]) / h + u * (m[k] + m[k + 1] - 2 * d) / h**2))


def corner_weights(axes, at):
    """Cells and weights of each axis: [(knot, weight), (knot, weight)]."""
    weights = []
    for axis, x in zip(axes, at):
        if len(axis) == 1:
            weights.append([(0, 1.0)])
            continue
        k = min(max(int(np.searchsorted(axis, x, side="right")) - 1, 0), len(axis) - 2)
        s = (x - axis[k]) / (axis[k + 1] - axis[k])
        weights.append([(k, 1.0 - s), (k + 1, s)])
    return weights


def interpolate(axes, y, at):
    """y [x,p,T]: cubic along T, linear along the others."""
    total = 0.0
    wx, wp, _ = corner_weights(axes, at)
    for i, a in wx:
        for j, b in wp:
            if a * b != 0.0:
                total += a * b * cubic(axes[2], y[i, j], at[2])
    return total


def spread(axes, u, at):
    """Root of the variances with the same weights; squares of those that have left 0..1."""
    total = 0.0
    wx, wp, wt = corner_weights(axes, at)
    for i, a in wx:
        for j, b in wp:
            for k, c in wt:
                w = math.prod(f if 0 <= f <= 1 else f * f for f in (a, b, c))
                total += w * u[i, j, k] ** 2 if w else 0.0
    return math.sqrt(total)


def load(run, name, flagged=False):
    """axes (x simulated, p, T), values and errors [x,p,T]; flagged numbers are holes."""
    with h5py.File(os.path.join(folder, run + ".run", "results.h5")) as table:
        y, u = table[name][:], table[name + "_error"][:]
        bad = ~np.isfinite(y) | ((table[name + "_flag"][:] != 0) & (not flagged))
        y, u = np.where(bad, np.nan, y), np.where(bad, np.nan, u)
        x = table["point/mole_fraction"][:, 0].reshape(table["density"].shape)[:, 0, 0]
        axes = (x, table["pressure"][:], table["temperature"][:])
        swap = (0, 2, 1) + tuple(range(3, y.ndim))
    return axes, y.transpose(swap), u.transpose(swap)


def near(a, b, tolerance, what):
    check(abs(a - b) <= tolerance * max(abs(b), 1e-300), f"{what}: {a!r}, wanted {b!r}")


def values(run, version, known, token, name, dataset, member=None, mode="cs"):
    """Nodes to the last bits, points between them against our own interpolation, derivatives against differences."""
    axes, y, u = load(run, dataset)
    if member is not None:
        y, u = y[..., member], u[..., member]
    vr = int(known[name]["valueReference"])
    nodes = [(i, j, k) for i in range(len(axes[0])) for j in range(len(axes[1])) for k in range(len(axes[2]))]
    rows = ask(run, version, token, [(r, axes[0][i].item(), axes[1][j].item(), axes[2][k].item())
                                     for i, j, k in nodes for r in (vr, vr + 1)], mode=mode)
    for n, (i, j, k) in enumerate(nodes):
        if np.isfinite(y[i, j, k]):
            check(rows[2 * n][0] == 0 and rows[2 * n + 1][0] == 0, f"{run} {name} at node {i, j, k}: refused")
            near(rows[2 * n][1], y[i, j, k], 4e-16, f"{run} {name} at node {i, j, k}")
            near(rows[2 * n + 1][1], u[i, j, k], 1e-15, f"{run} {name} error at node {i, j, k}")
    whole = [i for i in range(len(axes[0]) - 1) if np.all(np.isfinite(y[i:i + 2]))]
    check(whole or run == "grid", f"{run} {name}: nothing to compare between nodes")
    points = []
    for i in whole:
        for _ in range(6):
            p = random.uniform(axes[1][0], axes[1][-1]) if len(axes[1]) > 1 else axes[1][0]
            points.append((random.uniform(axes[0][i], axes[0][i + 1]), float(p), random.uniform(axes[2][0], axes[2][-1])))
    between(run, version, token, vr, points, lambda at: interpolate(axes, y, at), f"{run} {name}", mode)
    between(run, version, token, vr + 1, points, lambda at: spread(axes, u, at), f"{run} {name} error", mode)
    return len(points)


def between(run, version, token, vr, points, wanted, what, mode):
    if not points:
        return
    rows = ask(run, version, token, [(vr,) + p for p in points], mode=mode)
    for row, at in zip(rows, points):
        check(row[0] == 0 and row[2] == 0, f"{what} at {at}: status {row[0]}, {row[2]}")
        near(row[1], wanted(at), 1e-13, f"{what} at {at}")
    for axis, h in ((0, 1e-6), (2, 1e-3)):
        moved = [[(vr,) + tuple(x + s * h * (a == axis) for a, x in enumerate(p)) for p in points] for s in (-1, 1)]
        low, high = (ask(run, version, token, m, policy=3, mode=mode) for m in moved)
        for row, a, b, at in zip(rows, low, high, points):
            difference = (b[1] - a[1]) / (2 * h)
            check(abs(row[3 + axis] - difference) <= 2e-5 * abs(difference) + 1e-8 * abs(row[1]),
                  f"{what} at {at}: derivative {axis} is {row[3 + axis]}, by differences {difference}")


def pressure(known, token):
    """One pressure: density by the compressibility, up to 10 bar away; then the policy."""
    axes, y, u = load("flat", "density")
    _, kappa, e = load("flat", "isothermal_compressibility")
    vr = int(known["density"]["valueReference"])
    for p in (5e5, -1e6):
        at = (0.4, p, 1010.0)
        row, error = ask("flat", 3, token, [(vr,) + at, (vr + 1,) + at])
        base, k = interpolate(axes, y, at), interpolate(axes, kappa, at)
        near(row[1], base * (1 + k * p), 1e-14, f"density at {p} Pa")
        near(row[4], base * k, 1e-12, f"d density / dp at {p} Pa")
        near(error[1], math.hypot(spread(axes, u, at) * (1 + k * p), base * p * spread(axes, e, at)), 1e-12, f"its error at {p} Pa")
    at = (vr, 0.4, 3e6, 1010.0)
    far = [ask("flat", 3, token, [at], policy)[0] for policy in (1, 2, 3)]
    base, k = interpolate(axes, y, (0.4, 0.0, 1010.0)), interpolate(axes, kappa, (0.4, 0.0, 1010.0))
    check(far[0][0] == 3, f"30 bar under the policy error: {far[0]}")
    near(far[1][1], base * (1 + k * 1e6), 1e-14, "clamped at 10 bar")
    check(far[1][4] == 0.0, f"a clamped density that goes with pressure: {far[1]}")
    near(far[2][1], base * (1 + k * 3e6), 1e-14, "linear to 30 bar")


def outside(known, token):
    """Beyond the last temperature and composition, by policy."""
    axes, y, u = load("flat", "viscosity")
    vr = int(known["viscosity"]["valueReference"])
    for at in ((0.4, 0.0, 1300.0), (0.4, 0.0, 850.0), (0.1, 0.0, 1010.0)):
        inside = tuple(min(max(x, low), high) for x, low, high in zip(at, (axes[0][0], 0.0, 900.0), (1.0, 0.0, 1200.0)))
        refused, clamped, linear = (ask("flat", 2, token, [(vr,) + at, (vr + 1,) + at], policy) for policy in (1, 2, 3))
        check([r[0] for r in refused] == [3, 3], f"{at} under the policy error: {refused}")
        check(ask("flat", 2, token, [(vr,) + at], 1, "me")[0][0] == 2, f"{at} in Model Exchange is not discarded")
        near(clamped[0][1], interpolate(axes, y, inside), 1e-14, f"clamped {at}")
        near(clamped[1][1], spread(axes, u, inside), 1e-14, f"clamped error {at}")
        near(linear[0][1], interpolate(axes, y, at), 1e-13, f"linear {at}")
        near(linear[1][1], spread(axes, u, at), 1e-13, f"linear error {at}")
        check(linear[1][1] > clamped[1][1], f"an extrapolated error that does not grow: {linear[1][1]}")


def holes(known, token, flagged_token):
    """Flagged numbers are refused, and given when they were asked for; fractions need no number."""
    axes, y, _ = load("grid", "viscosity")
    _, everything, _ = load("grid", "viscosity", True)
    vr = int(known["viscosity"]["valueReference"])
    last = len(axes[0]) - 1
    check(np.all(~np.isfinite(y[last])), "the table is not the one this test is for")
    k = int(np.argmax(np.isfinite(everything[last, 0])))
    at = (vr, float(axes[0][last]), float(axes[1][0]), float(axes[2][k]))
    for policy in (1, 2, 3):
        check(ask("grid", 3, token, [at], policy)[0][0] == 3, f"a flagged number is given away (policy {policy})")
    check(ask("grid", 3, token, [at], 1, "me")[0][0] == 2, "a flagged number in Model Exchange")
    rows = ask("flagged", 3, flagged_token, [at])
    check(rows[0][0] == 0 and rows[0][1] == everything[last, 0, k], f"with --include-flagged: {rows}")
    rows = ask("grid", 3, token, [(int(known["x_KCl"]["valueReference"]),) + at[1:], (vr,) + (0.97,) + at[2:]])
    check(rows[0][0] == 0 and abs(rows[0][1]) < 1e-12, f"the other fraction: {rows[0]}")
    check(rows[1][0] == 3, f"between a number and a hole: {rows[1]}")


flat = {v: rules("flat", v, "flat") for v in (2, 3)}
grid = {v: rules("grid", v, "grid") for v in (2, 3)}
odd = {v: rules("odd", v, "odd") for v in (2, 3)}
flagged = rules("flagged", 3, "grid")
check({"x_salt_1", "x_KCl", "temperature", "pressure", "diffusion_Ca", "viscosity_error"} <= set(odd[3][0]), f"{sorted(odd[3][0])}")
check(flat[2][0].keys() == flat[3][0].keys() - {"time"}, "the versions have other variables")
check("flagged: few_samples" in flagged[0]["viscosity"]["description"], "a flagged output that does not say so")
compared = 0
for version, mode in ((2, "cs"), (3, "me")):
    compared += values("flat", version, *flat[version], "viscosity", "viscosity", None, mode)
    compared += values("flat", version, *flat[version], "density", "density", None, mode)
    compared += values("flat", version, *flat[version], "diffusion_Cl", "diffusion", 2, mode)
    compared += values("grid", version, *grid[version], "viscosity", "viscosity", None, mode)
    compared += values("grid", version, *grid[version], "density", "density", None, mode)
values("odd", 3, *odd[3], "thermal_conductivity", "thermal_conductivity")
check(compared > 50, f"{compared} points between nodes")
pressure(*flat[3])
outside(*flat[2])
holes(*grid[3], flagged[1])
for problem in problems[:20]:
    print(problem)
sys.exit(len(problems) > 0)
