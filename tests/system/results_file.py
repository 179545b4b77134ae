"""What stands in the files that tests/unit/screening/test_screen_store.c writes, read with the tools of others.

Numbers follow from the formulas there: point i = 2 x + t; point 4 failed, point 5 is unfinished.
"""
import sys

import h5py
import netCDF4
import numpy as np
import xarray

failed = 0
NPOINT, SPECIES = 6, ["Ca", "K", "Cl"]
AXES = ("x_density", "temperature", "pressure")
MASKS = "missing few_samples not_stationary replicas_disagree no_plateau not_diffusive one_replica drift " \
    "no_size_correction partial extrapolating not_linear methods_disagree classical not_liquid " \
    "mixed_conductor ionic_only interface finite_size survivors".split()
# What a unit may be: names of the SI with powers, as UDUNITS reads them.
UNITS = {"1", "K", "Pa", "kg m-3", "kg mol-1", "J mol-1", "m2 s-1", "m", "m2", "s", "W mol-1", "mol m-3", "mol kg-1",
         "m-3", "s-1", "K-1", "Pa-1", "J kg-1 K-1", "J mol-1 K-1", "J mol-1", "m s-1", "Pa s", "S m-1", "mol2 J-1 m-1 s-1", "W m-1 K-1", "fs",
         "m3 mol-1", "m6 mol-2", "J2 mol-2", "J m3 mol-2", "W m", "m-1", "degree", "degree-1"}


def check(good, what):
    global failed
    if not good:
        failed += 1
        print("FAILED:", what)


def same(got, want, what):
    check(got == want, f"{what}: got {got!r}, want {want!r}")


def close(got, want, what):
    got, want = np.ma.filled(np.ma.asarray(got, dtype=float), np.nan), np.asarray(want, dtype=float)
    check(got.shape == want.shape and np.array_equal(got, want, equal_nan=True), f"{what}: got {got!r}, want {want!r}")


def content(path):
    """Everything in a file: {object: (data, {attribute: value})}."""
    out = {}

    def attributes(thing):
        skip = {"REFERENCE_LIST", "DIMENSION_LIST"}
        return {k: repr(np.asarray(v).tolist()) for k, v in thing.attrs.items() if k not in skip}

    with h5py.File(path, "r") as f:
        out["/"] = (None, attributes(f))

        def visit(name, thing):
            if isinstance(thing, h5py.Group):
                out[name] = attributes(thing)
                return
            scale = thing.attrs.get("CLASS") == b"DIMENSION_SCALE"
            scales = [] if scale else [d[0].name for d in thing.dims]
            out[name] = (thing[()].tobytes(), thing.shape, str(thing.dtype), scales, attributes(thing))

        f.visititems(visit)
    return out


def groups(path):
    names = ["/"]
    with h5py.File(path, "r") as f:
        f.visititems(lambda n, t: names.append("/" + n) if isinstance(t, h5py.Group) else None)
    return names


def grid(function):
    """A table [x, t, p] from a function of the point's number."""
    return np.array([function(i) for i in range(NPOINT)], dtype=float).reshape(3, 2, 1)


def hole(function):
    """The same with the failed point empty; several values at a point give a last axis."""
    rows = [np.asarray(function(i), dtype=float) for i in range(NPOINT)]
    rows[4] = np.full_like(rows[4], np.nan)
    return np.array(rows).reshape((3, 2, 1) + rows[0].shape)


def check_root(d):
    same(d.data_model, "NETCDF4", "data model")
    same(d.Conventions, "CF-1.10", "Conventions")
    same(d.title, "Liquid properties of campaign store-test", "title")
    same(d.campaign, "store-test", "campaign")
    same(int(d.seed), 1234567890123, "seed")
    for name in ("campaign_sha256", "potential_sha256"):
        check(len(d.getncattr(name)) == 64, name)
    same(d.history, f"1970-01-02T00:00:00Z liquidus {d.liquidus_version}: results of 6 points", "history")
    for name in ("liquidus_version", "petsc_version", "hdf5_version", "mpi_version"):
        check(len(d.getncattr(name)) > 2, name)
    same(d.kernel, "avx2/generated", "kernel")
    check("potential_text_missing" not in d.ncattrs(), "nothing is missing")
    same(bytes(d["campaign_yaml"][:]), "campaign: store-test\n# ± 2 % of everything\n".encode(), "campaign_yaml")
    same(bytes(d["potential_text"][:]), bytes(i * i % 251 for i in range(40000)), "potential_text")


def check_axes(d):
    close(d["x_density"][:], [0.25, 0.5, 0.75], "composition axis, renamed because density is a property")
    same(d["x_density"].component, "density", "its name in the campaign")
    close(d["temperature"][:], [1100, 1150], "temperature")
    close(d["pressure"][:], [1e5], "pressure")
    same(list(d["species"][:]), SPECIES, "species")
    same(list(d["pair"][:]), [f"{a}-{b}" for a in SPECIES for b in SPECIES], "pairs")
    same(list(d["component"][:]), ["CaCl2", "KCl"], "components")


def check_property(d, name, units, last, function, flags, truncation=""):
    dims = AXES + last
    value = d[name]
    same(value.units, units, f"units of {name}")
    same(value.ancillary_variables, f"{name}_error {name}_neff {name}_flag{truncation}", f"companions of {name}")
    check(np.isnan(value._FillValue), f"_FillValue of {name} is NaN")
    for suffix in ("", "_error", "_neff", "_flag"):
        same(d[name + suffix].dimensions, dims, f"dimensions of {name}{suffix}")
        check(len(d[name + suffix].long_name) > 5, f"long_name of {name}{suffix}")
    close(value[:], hole(function), name)
    close(d[name + "_error"][:], hole(function) / 128, name + "_error")
    neff = hole(lambda i: np.asarray(function(i)) + 20.0)
    neff[2, 0] = 0.0  # the failed point
    close(d[name + "_neff"][:], neff, name + "_neff")
    flag = d[name + "_flag"]
    same(flag.flag_meanings.split(), MASKS, f"flags of {name}")
    same(list(flag.flag_masks), [1 << i for i in range(len(MASKS))], f"flag masks of {name}")
    same(flag.flag_masks.dtype, flag.dtype, "flag masks have the type of the variable")
    want = np.array([np.asarray(flags(i)) for i in range(NPOINT)]).reshape(flag.shape)
    want[2, 0] = 1  # the failed point
    check(np.array_equal(flag[:], want), f"{name}_flag: got {flag[:]!r}, want {want!r}")


def check_properties(d):
    check_property(d, "density", "kg m-3", (), lambda i: 1500.0 + i, lambda i: 512 + 64 if i == 5 else 0)
    check_property(d, "kinetic_temperature", "K", (), lambda i: 1100.0 + i, lambda i: 0)
    check_property(d, "diffusion", "m2 s-1", ("species",), lambda i: 1 + i + 0.25 * np.arange(3), lambda i: [1, 2, 4])
    check_property(d, "viscosity", "Pa s", (), lambda i: 1e-3 * (i + 1), lambda i: 0, " viscosity_truncation")
    near(d["viscosity_truncation"][:], hole(lambda i: 1e-12 * (i + 1)), 1e-14, "truncation")
    same(d["viscosity_truncation"].units, "s", "unit of a truncation")
    check("density_truncation" not in d.variables, "a mean has no truncation")
    check_property(d, "coordination", "1", ("pair",), lambda i: 10 * i + 1 + np.arange(9.0), lambda i: [0] * 9)
    check_property(d, "rdf_peak", "m", ("pair",), lambda i: 1 / (10 * i + 1 + np.arange(9.0)), lambda i: [0] * 9)
    check("potential_energy" not in d.variables, "a property that was not asked for is not there")


def check_point(p):
    i = np.arange(NPOINT)
    same(p.dimensions["point"].size, NPOINT, "points")
    for name in p.variables:
        same(p[name].dimensions[0], "point", f"first dimension of {name}")
    close(p["x_density"][:], np.repeat([0.25, 0.5, 0.75], 2), "auxiliary composition")
    close(p["temperature"][:], [1100, 1150] * 3, "auxiliary temperature")
    same(p["name"][:][3], "x=0.50 T=1150K", "name of a point")
    states = dict(zip(p["state"].flag_values.tolist(), p["state"].flag_meanings.split()))
    same([states[s] for s in p["state"][:].tolist()], ["done"] * 4 + ["failed", "running"], "states")
    reasons = dict(zip(p["reason"].flag_values.tolist(), p["reason"].flag_meanings.split()))
    same([reasons[r] for r in p["reason"][:].tolist()], ["completed"] * 4 + ["atoms_too_close", "running"], "reasons")
    same(len(reasons), len(set(reasons.values())), "every reason has a word of its own")
    detail = str(p["detail"][:][4])
    check(detail.startswith("K 17 and Cl 60 are 0.71 Å apartxxx") and detail.endswith("x?"), f"detail: {detail!r}")
    same(p["detail"][:][0], "", "no detail of a point that is done")
    close(p["mole_fraction"][:, 0], (10 + i) / 40, "mole fraction simulated")
    assert (p["composition_deviation"][:] == 0.125).all(), "how far from what was asked"
    close(p["formula_units"][:, 1], 30 - i, "formula units")
    close(p["atoms"][:], np.stack([10 + i, 30 - i, 2 * (10 + i) + 30 - i], axis=1), "atoms")
    box = 1e-9 + 1e-12 * i
    box[4] = np.nan
    close(p["box"][:], box, "box")
    drift = -2e9 * i
    drift[4] = np.nan
    close(p["energy_drift"][:], drift, "energy_drift")
    grade = 1.5 + i
    grade[4] = np.nan
    close(p["grade_max"][:], grade, "grade_max")
    same(p["replicas_done"][:].tolist(), [2, 2, 2, 2, 0, 1], "replicas done")
    same(p["replicas_failed"][:].tolist(), [0, 0, 0, 0, 2, 0], "replicas failed")
    wall = 3600.0 + i
    wall[4] = 0.0
    close(p["wall_seconds"][:], wall, "wall time")
    same(p["key"][:][2], bytes((16 * 2 + b) % 256 for b in range(32)).hex(), "key")


def check_curve(c):
    lags = np.arange(5.0)
    close(c["diffusion"]["lag"][:], np.array([1e-14 * (k + 1.0) for k in range(5)]), "lag times")
    same(c["diffusion"]["msd"].dimensions, AXES + ("species", "lag"), "dimensions of msd")

    def curve(i, width, n, known):
        rows = 100.0 * i + 10.0 * np.arange(width)[:, None] + np.arange(n)[None, :]
        rows[:, known:] = np.nan
        return rows

    msd = hole(lambda i: curve(i, 3, 5, 5 - i % 2))
    close(c["diffusion"]["msd"][:], msd, "msd, shorter at every second point")
    close(c["diffusion"]["msd_error"][:], msd / 128, "msd_error")
    same(c["structure"]["rdf"].dimensions, AXES + ("pair", "r"), "dimensions of rdf")
    close(c["structure"]["r"][:], np.array([1e-11 * (k + 0.5) for k in range(7)]), "distances")
    rdf = hole(lambda i: curve(i, 9, 7, 7))
    close(c["structure"]["rdf"][:], rdf, "rdf")
    close(c["structure"]["running_coordination"][:], -rdf, "running coordination")
    same(c["structure"]["structure_factor"].dimensions, AXES + ("pair", "q"), "dimensions of a structure factor")
    close(c["structure"]["q"][:], np.array([1e-11 * (k + 0.5) for k in range(7)]), "wave numbers")
    close(c["structure"]["structure_factor"][:], rdf, "structure factors")
    close(c["structure"]["structure_factor_error"][:], -rdf, "their errors")
    same(c["structure"]["angle_density"].dimensions, AXES + ("pair", "angle"), "dimensions of angles")
    close(c["structure"]["angle_density"][:], -rdf, "angles")
    check("ligand_share" not in c["structure"].variables, "no table where no point has one")
    integral = c["viscosity"]["running_integral"]
    same(integral.dimensions, AXES + ("sample",), "dimensions of a running integral")
    want = hole(lambda i: [10.0 * i + k if k <= i else np.nan for k in range(6)])
    close(integral[:], want, "running integral, longer at every point")
    close(c["viscosity"]["running_integral_error"][:], want / 128, "its error")
    near(c["viscosity"]["time"][:], hole(lambda i: [1e-12 * k * (i + 1) if k <= i else np.nan for k in range(6)]),
         1e-25, "its time is a variable like it")
    check("spectrum" not in c["viscosity"].variables, "no curve where no point has one")
    same(len(lags), c["diffusion"].dimensions["lag"].size, "number of lags")


def near(got, want, tolerance, what):
    got, want = np.ma.filled(np.ma.asarray(got, dtype=float), np.nan), np.asarray(want, dtype=float)
    check(got.shape == want.shape and np.allclose(got, want, rtol=tolerance, atol=tolerance, equal_nan=True),
          f"{what}: got {got!r}, want {want!r}")


def check_fit(f):
    """Two temperatures: straight lines through two points each; of the third composition one point has failed."""
    hole = [np.nan] * 4
    density = f["density"]
    same(sorted(f.groups), ["density", "diffusion", "diffusion_cell", "diffusion_vacf", "kinematic_viscosity", "number_density",
                            "surface", "thermal_conductivity", "viscosity", "viscosity_decomposition", "viscosity_einstein", "viscosity_truncated"],
         "what is fitted")
    same(density["coefficients"].dimensions, ("x_density", "pressure", "coefficient"), "dimensions of coefficients")
    same(density["residual"].dimensions, AXES, "dimensions of residuals")
    lines = [[1500 + 2 * x - 1100 / 50, 1 / 50, np.nan, np.nan] for x in range(2)]
    near(density["coefficients"][:, 0], lines + [hole], 1e-9, "density = a + b T")
    slope = [(np.hypot(1500 + 2 * x, 1501 + 2 * x) / 128 / 50) ** 2 for x in range(2)]
    near(density["covariance"][:, 0, 1, 1], slope + [np.nan], 1e-9, "variance of b")
    words = dict(zip(density["model"].flag_values.tolist(), density["model"].flag_meanings.split()))
    same([words[m] for m in density["model"][:, 0].tolist()], ["linear"] * 3, "model of the density")
    check("linear: y = a + b T" in density["model"].comment, "the formula stands beside it")
    words = dict(zip(density["reason"].flag_values.tolist(), density["reason"].flag_meanings.split()))
    same([words[r] for r in density["reason"][:, 0].tolist()], ["fitted", "fitted", "too_few_points"], "reasons")
    same(density["points"][:, 0].tolist(), [2, 2, 1], "points fitted")
    near(density["temperature_min"][:2, 0], [1100, 1100], 1e-14, "lowest temperature")
    near(density["residual"][:2], np.zeros((2, 2, 1)), 1e-9, "two points lie on a line")
    same(density["flag"].flag_meanings.split(), MASKS, "flags of a fit")
    diffusion = f["diffusion"]
    same(diffusion["coefficients"].dimensions, ("x_density", "pressure", "species", "coefficient"), "and of diffusion")
    want = [np.log((2 + 0.25 * w) / (1 + 0.25 * w)) / (1 / 1150 - 1 / 1100) for w in range(3)]
    want[0] = np.nan  # bit 0 of its flags says that it is missing
    near(diffusion["coefficients"][0, 0, :, 1], want, 1e-9, "ln D = a + b/T")
    same(diffusion["flag"][0, 0].tolist(), [0, 2, 4], "flags of the values are those of the fit")


def plain(v):
    """A variable as numbers, holes as NaN."""
    return np.ma.filled(np.ma.asarray(v[:], dtype=float), np.nan)


def surface_design(g, x, t):
    """Columns of the sum that the file itself describes, at mole fractions x [n, component] and temperatures."""
    columns = []
    for i, j, n, p in zip(*(plain(g[k]).astype(int) for k in ("component_1", "component_2", "order", "power"))):
        pair = 1.0 if j < 0 else x[:, j] * (x[:, i] - x[:, j]) ** float(n)
        columns.append(x[:, i] * pair * t ** float(p))
    return np.array(columns).T


def check_surface(f, d):
    """Surfaces over the compositions really simulated; point 4 failed, the density of point 5 has flags."""
    same(sorted(f.groups), ["density", "diffusion_Ca", "diffusion_Cl", "diffusion_K", "viscosity"], "surfaces")
    density, x, t = f["density"], plain(d["point"]["mole_fraction"]), plain(d["point"]["temperature"])
    rho, mass, viscosity = plain(d["density"]).ravel(), x @ plain(d["molar_mass"]), plain(d["viscosity"]).ravel()
    volume, error = mass / rho, mass / rho / 128
    near(d["molar_mass"][:], [0.110, 0.075], 1e-15, "molar masses")
    a = surface_design(density, x, t)
    same(a.shape[1], 2, "four points with errors larger than their differences: two molar volumes")
    used = a[:4] / error[:4, None]
    near(1e5 * density["coefficients"][:], 1e5 * np.linalg.lstsq(used, volume[:4] / error[:4], rcond=None)[0], 1e-9, "molar volumes")
    near(1e14 * density["covariance"][:], 1e14 * np.linalg.inv(used.T @ used), 1e-9, "their covariance")
    residual = (volume - a @ plain(density["coefficients"])) / error
    near(density["residual"][:].ravel(), residual, 1e-9, "residuals, also of the point left out for its flags")
    same(density["residual"].dimensions, AXES, "dimensions of residuals of a surface")
    same((int(density["points"][0]), int(density["degrees_of_freedom"][0]), int(density["flag"][0])), (4, 2, 0), "points without flags")
    near(density["chi2"][0], (residual[:4] ** 2).sum(), 1e-9, "chi-square")
    near(density["mole_fraction_min"][:], x[:4].min(axis=0), 1e-15, "smallest mole fractions")
    near(density["mole_fraction_max"][:], x[:4].max(axis=0), 1e-15, "largest mole fractions")
    near((density["temperature_min"][0], density["temperature_max"][0]), (1100, 1150), 1e-15, "temperatures")
    check("V = sum of c" in density.comment and "ln y = sum of c" in f["viscosity"].comment, "the formula")
    eta = f["viscosity"]
    predicted = np.exp(surface_design(eta, x, t) @ plain(eta["coefficients"]))
    near(plain(eta["residual"]).ravel(), (viscosity - predicted) / (viscosity / 128), 1e-6, "ln of the viscosity, powers of 1/T")
    near(eta["chi2"][0], np.nansum(plain(eta["residual"]) ** 2), 1e-6, "its chi-square")
    r = plain(eta["factor"])
    near(np.linalg.inv(r) @ np.linalg.inv(r).T / np.abs(eta["covariance"][:]).max(),
         eta["covariance"][:] / np.abs(eta["covariance"][:]).max(), 1e-6, "factor and covariance")
    words = dict(zip(eta["reason"].flag_values.tolist(), eta["reason"].flag_meanings.split()))
    reasons = {name: words[int(f[name]["reason"][0])] for name in f.groups}
    same(reasons["diffusion_Ca"], "too_few_points", "values that are all missing")
    check("coefficients" not in f["diffusion_Ca"].variables and np.isnan(plain(f["diffusion_Ca"]["aicc"])[0]), "no terms then")
    same((reasons["diffusion_K"], int(f["diffusion_K"]["flag"][0]), int(f["diffusion_K"]["points"][0])), ("fitted", 2, 5),
         "where all have flags they are fitted, and the surface has them")


def check_series(s, atoms):
    """Samples of 5 fs, first blocks of 2; NVE merged to blocks of 16 so that they fit."""
    same((s.dimensions["point"].size, s.dimensions["replica"].size), (NPOINT, 2), "points and replicas")
    same(list(s["stress"][:]), ["xx", "yy", "zz", "yz", "xz", "xy"], "components of the stress")
    same(list(s["direction"][:]), ["x", "y", "z"], "directions")
    eV, mole = 1.602176634e-19, 6.02214076e23
    wanted = {  # group: (blocks, samples a block, {variable: (dimensions, unit, first channel, factor, power of atoms)})
        "npt": (20, 2, {
            "volume": ((), "m3 mol-1", 0, 1e-30 * mole, 1), "enthalpy": ((), "J mol-1", 1, eV * mole, 1),
            "potential_energy": ((), "J mol-1", 2, eV * mole, 1), "temperature": ((), "K", 3, 1, 0),
            "volume_square": ((), "m6 mol-2", 4, (1e-30 * mole) ** 2, 2), "enthalpy_square": ((), "J2 mol-2", 5, (eV * mole) ** 2, 2),
            "enthalpy_volume": ((), "J m3 mol-2", 6, eV * mole ** 2 * 1e-30, 2)}),
        "nve": (5, 16, {
            "pressure": (("stress",), "Pa", 0, eV * 1e30, 0), "current": (("species", "direction"), "m s-1", 6, 1e5, 0),
            "temperature": ((), "K", 15, 1, 0), "potential_energy": ((), "J mol-1", 16, eV * mole, 1),
            "heat_current": (("direction",), "W m", 17, eV * 1e5, 0)})}
    for group, (blocks, length, variables) in wanted.items():
        g = s[group]
        same(sorted(g.variables), sorted(list(variables) + ["time"]), f"variables of {group}")
        close(np.round(g["time"][:] / 1e-15, 6), (np.arange(blocks) + 0.5) * 5 * length, f"times of {group}")
        for name, (inner, units, channel, factor, power) in variables.items():
            v = g[name]
            same(v.dimensions, ("point", "replica") + inner + ("time",), f"dimensions of {group}/{name}")
            same((v.units, v.dtype, np.isnan(v._FillValue)), (units, np.dtype("f4"), True), f"unit and type of {name}")
            got = np.ma.filled(v[:].astype(float), np.nan).reshape(NPOINT, 2, -1, blocks)
            for p in range(NPOINT):
                for r in range(2):
                    known = 0 if p == 4 else (blocks * length - 17 * (p == 5 and r == 1)) // 2 * 2 // length
                    for c in range(got.shape[2]):
                        want = np.full(blocks, np.nan)
                        k = np.arange(known)
                        want[:known] = 1000 * (channel + c + 1) + 100 * p + 10 * r + length * k + (length - 1) / 2
                        want *= factor / atoms[p] ** power
                        check(np.allclose(got[p, r, c], want, rtol=1e-6, atol=0, equal_nan=True),
                              f"{group}/{name}[{p},{r},{c}]: got {got[p, r, c]}, want {want}")


def check_units(path):
    """Every number has a unit that the list above knows, but flags, enumerations and bytes."""
    with h5py.File(path, "r") as f:
        def visit(name, thing):
            if not isinstance(thing, h5py.Dataset) or thing.dtype.kind not in "fi":
                return
            if "flag_meanings" in thing.attrs:
                return
            if name.startswith("fit/") and name.endswith(("coefficients", "covariance", "factor")):
                return  # they have the units that make the formula right
            units = thing.attrs.get("units", b"").decode()
            check(units in UNITS, f"units of {name}: {units!r}")

        f.visititems(visit)


def check_xarray(path):
    for engine in ("netcdf4", "h5netcdf"):
        if engine not in xarray.backends.list_engines():
            print(f"xarray has no engine {engine}")
            continue
        count = 0
        for group in groups(path):
            with xarray.open_dataset(path, engine=engine, group=group) as d:
                for name in d.variables:
                    d[name].load()
                    count += 1
        check(count > 45, f"{engine} loaded {count} variables")
        with xarray.open_dataset(path, engine=engine) as d:
            close(d.density.sel(x_density=0.5, temperature=1150, pressure=1e5), 1503.0, f"{engine}: density by value")
            chlorine = d.diffusion.sel(species="Cl", x_density=0.25, temperature=1100).squeeze()
            close(chlorine, 1.5, f"{engine}: diffusion by name of the species")


def main():
    directory = sys.argv[1]
    one = content(f"{directory}/np1/results.h5")
    for n in (2, 3):
        other = content(f"{directory}/np{n}/results.h5")
        same(sorted(other), sorted(one), f"objects of np{n}")
        for name in one:
            check(one[name] == other.get(name), f"{name} of np{n} differs from np1")
    path = f"{directory}/np3/results.h5"
    with netCDF4.Dataset(path) as d:
        check_root(d)
        check_axes(d)
        check_properties(d)
        check_point(d["point"])
        check_curve(d["curve"])
        check_series(d["series"], d["point"]["atoms"][:].sum(axis=1))
        check_fit(d["fit"])
        check_surface(d["fit"]["surface"], d)
    check_units(path)
    check_xarray(path)
    with netCDF4.Dataset(f"{directory}/changed/results.h5") as d:
        check("has changed since" in d.potential_text_missing, "why the potential is left out")
        check("potential_text" not in d.variables, "a potential that has changed is left out")
    print("failed:", failed)
    return failed > 0


sys.exit(main())
