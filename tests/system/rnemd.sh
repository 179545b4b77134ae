#!/bin/sh
# Thermal conductivity and viscosity of a Lennard-Jones liquid by both methods, heat in cells of two lengths: planned, run, killed and
# gone on with, analysed once more: the same table each time.  Profiles, flags and the agreement of methods are looked at.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
cat >c.yaml <<END
campaign: flux
potential: { type: lj, species: [Ar], cutoff: 7 A, truncation: force-shifted, pairs: { Ar: { epsilon: 119.8 K, sigma: 3.405 A } } }
system: { components: { Ar: { formula: Ar } }, density: 1.2 g/cm3, atoms: 64 }
conditions: { temperature: 110 K, pressure: 40 MPa }
simulation: { timestep: 4 fs, equilibration: 4 ps, production: { npt: 1 ps, nve: 8 ps, rnemd: 30 ps }, replicas: 2 }
properties:
  density: {}
  thermal_conductivity: { method: [green-kubo, rnemd], cell: 1 x 1 x 3, swap_every: [400 fs, 1200 fs], lengths: [1, 2] }
  viscosity: { method: [green-kubo, rnemd], cell: 1 x 1 x 3, swap_every: [400 fs, 1600 fs] }
END
"$LIQUIDUS" plan c.yaml >plan.txt || { cat plan.txt; fail "plan"; }
for cell in 'heat  1 x 1 x 3, 192 atoms, 100 and 300' 'heat  1 x 1 x 6, 384 atoms, 200 and 600' 'shear 1 x 1 x 3, 192 atoms, 100 and 400'; do
  grep -q "^Ar=1 T=110K  *$cell\$" plan.txt || { cat plan.txt; fail "the plan's cell: $cell"; }
done
grep -q '^rnemd-6 production: ' plan.txt || { cat plan.txt; fail "the plan's cost"; }
"$LIQUIDUS" run c.yaml -n 3 --out whole.run >whole.txt
finished $? "the uninterrupted run"

kill_all() { # everything of the run, at once (the ranks' arguments name the directory)
  pkill -9 -f -- "--out $SCRATCH/killed.run" 2>/dev/null
  while pgrep -f -- "--out $SCRATCH/killed.run" >/dev/null; do sleep 0.05; done
}
trap kill_all EXIT
"$LIQUIDUS" run c.yaml -n 3 --out "$SCRATCH/killed.run" --segment 0.1 --quiet >killed.txt 2>&1 &
# in the middle of a run with a flux: once a journal has a state of it
tries=0
until "$LIQUIDUS" explain "$SCRATCH/killed.run" 0 2>/dev/null | grep -q 'rnemd-1 [1-9]'; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || fail "no flux begins"
  sleep 0.05
done
kill_all
wait
"$LIQUIDUS" explain "$SCRATCH/killed.run" 0 | grep -q 'rnemd-2 100 %' && fail "nothing was left to go on with"
"$LIQUIDUS" run c.yaml -n 3 --out "$SCRATCH/killed.run" --segment 0.1 --quiet >killed.txt
finished $? "the resumed run"
same_table whole.run/results.h5 killed.run/results.h5
cp whole.run/results.h5 run.h5
"$LIQUIDUS" analyze whole.run >analyze.txt
finished $? "analyze"
same_table run.h5 whole.run/results.h5

"$python" - <<'END' || fail "what is in the table"
import h5py, numpy as np
f = h5py.File("run.h5")
def number(name):
    return tuple(float(f[name + s][()].ravel()[0]) for s in ("", "_error", "_neff", "_flag"))
def flags(name):
    names = f[name + "_flag"].attrs["flag_meanings"]
    names = (names.decode() if isinstance(names, bytes) else str(names)).split()
    return {n for i, n in enumerate(names) if int(number(name)[3]) & 1 << i}
for name, least, most in ("thermal_conductivity", 0.03, 0.25), ("viscosity", 5e-5, 3e-4):  # of this liquid: 0.07 to 0.1 W/(m K), 0.1 mPa s
    value, error, neff, _ = number(name + "_rnemd")
    assert least < value < most and 0 < error < value and neff > 0, (name, value, error, neff)
    assert not flags(name + "_rnemd") & {"missing", "partial", "drift"}, flags(name + "_rnemd")
    still, still_error, _, _ = number(name)
    z = (value - still) / np.hypot(error, still_error)
    assert abs(number(name + "_z")[0] - z) < 1e-9 * abs(z), (name, z, number(name + "_z"))
    assert all(("methods_disagree" in flags(n)) == (abs(z) > 3) for n in (name, name + "_rnemd", name + "_z")), (name, z)
assert "finite_size" in flags("viscosity_rnemd"), "one length"
curve = f["curve/thermal_conductivity_rnemd"]
means = [curve[f"temperature_{k}"][()].ravel() for k in (1, 2, 3, 4)]
z = curve["height_1"][()].ravel()
long = z[-1] * 20 / 19.5  # of a cell of 1 x 1 x 3
rho = curve["density_1"][()].ravel()
assert curve["density_1"].attrs["units"] in (b"kg m-3", "kg m-3") and "mole_fraction_1" not in curve
assert abs(rho.mean() * long**3 / 9 / (192 * 39.95 * 1.66053907e-27) - 1) < 0.01, (rho, long)
assert rho[[0, 1, 2, 18, 19]].mean() > rho[8:13].mean(), rho  # colder at the ends
assert len(means[0]) == len(means[3]) == 20 and (np.diff(z) > 0).all() and 4e-9 < z[-1] < 5.5e-9, z
rise = [t[8:13].mean() - np.r_[t[:3], t[-2:]].mean() for t in means]
assert rise[0] > 1.3 * rise[1] and rise[2] > 1.3 * rise[3], rise  # three times the flux, more of a gradient; in each cell
x, y, e = (curve[n][()].ravel() for n in ("inverse_length", "conductivity", "conductivity_error"))
assert len(x) == 2 and abs(x[1] / x[0] - 2) < 0.02 and (y > 0).all() and (e > 0).all(), (x, y, e)
limit = (x[1] - x[0]) / (x[1] / y[0] - x[0] / y[1])  # of the line through 1/y at 1/L = 0
kappa = number("thermal_conductivity_rnemd")[0]
a, u = 1 / limit, e / y**2
known = np.hypot(x[1] * u[0], x[0] * u[1]) / (x[1] - x[0]) / abs(a) < 0.33
if 0 < limit < 2 * y[0] and known:
    assert abs(kappa / limit - 1) < 1e-9 and "finite_size" not in flags("thermal_conductivity_rnemd"), (kappa, limit)
else:
    assert kappa == y[0] and "finite_size" in flags("thermal_conductivity_rnemd"), (kappa, limit, y)
curve = f["curve/viscosity_rnemd"]
fall = [v[:3].mean() + v[-2:].mean() - 2 * v[8:13].mean() for v in (curve["velocity_1"][()].ravel(), curve["velocity_2"][()].ravel())]
assert fall[0] > 1.5 * fall[1] > 0, fall  # four times the flux
END

# Two ranks share the atoms, of two elements that differ in name: two cells, however they were cut into segments; heat goes up, momentum
# the other way.
sed -e 's/replicas: 2/replicas: 1/' -e 's/timestep: 4 fs/timestep: 8 fs/' -e 's/equilibration: 4 ps/equilibration: 3 ps/' \
  -e 's/npt: 1 ps, nve: 8 ps, rnemd: 30 ps/npt: 0.8 ps, nve: 0.8 ps, rnemd: 2 ps/' -e 's/swap_every: [^]]*]/swap_every: 40 fs/' \
  -e 's/lengths: .1, 2./lengths: 2/' \
  -e 's/species: .Ar./species: [Ar, Kr]/' -e 's/Ar: { epsilon.*A } } }/Ar: { epsilon: 119.8 K, sigma: 3.405 A }, Kr: { epsilon: 119.8 K, sigma: 3.405 A } } }/' \
  -e 's/{ Ar: { formula: Ar } }/{ Ar: { formula: Ar }, Kr: { formula: Kr } }, composition: { Ar: 0.25, Kr: balance }, masses: { Kr: 39.95 }/' c.yaml >group.yaml
"$LIQUIDUS" run group.yaml -n 3 --group 2 --out group.run --quiet >group.txt
finished $? "a group of two"
"$LIQUIDUS" run group.yaml -n 3 --group 2 --segment 0.05 --out cut.run --quiet >group.txt
finished $? "a group of two in segments"
[ "$(grep -c event=segment cut.run/log)" -gt "$(grep -c event=segment group.run/log)" ] || fail "no more segments than before"
same_table group.run/results.h5 cut.run/results.h5
"$python" - <<'END' || fail "what two ranks have measured"
import h5py
f = h5py.File("group.run/results.h5")
heat, momentum = f["curve/thermal_conductivity_rnemd"], f["curve/viscosity_rnemd"]
t, z = heat["temperature_1"][()].ravel(), heat["height_1"][()].ravel()
assert 80 < t.mean() < 140 and t[9:12].mean() > t[[0, 1, 19]].mean(), t
assert 8e-9 < z[-1] < 11e-9 and 4e-9 < momentum["height_1"][()].ravel()[-1] < 5.5e-9, z
for curve, cells in ((heat, 6), (momentum, 3)):
    x, rho = curve["mole_fraction_1"][()].reshape(20, 2), curve["density_1"][()].ravel()
    assert abs(x.sum(axis=1) - 1).max() < 1e-12 and abs(x.mean(axis=0) - [0.25, 0.75]).max() < 0.04, x
    edge = curve["height_1"][()].ravel()[-1] * 20 / 19.5 / cells
    assert abs(rho.mean() * edge**3 / (64 * 39.95 * 1.66053907e-27) - 1) < 1e-7 and rho.min() > 0, (rho, edge)
v = momentum["velocity_1"][()].ravel()
assert v[[0, 1, 19]].mean() > v[9:12].mean() and abs(v.mean()) < 0.5 * abs(v).max(), v
END
exit 0
