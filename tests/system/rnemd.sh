#!/bin/sh
# Thermal conductivity of a Lennard-Jones liquid by both methods: planned, run, killed and gone on with, analysed once more:
# the same table each time.  Profiles, flags and the agreement of methods are looked at.
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
simulation: { timestep: 4 fs, equilibration: 4 ps, production: { npt: 1 ps, nve: 8 ps, rnemd: 60 ps }, replicas: 2 }
properties:
  density: {}
  thermal_conductivity: { method: [green-kubo, rnemd], cell: 1 x 1 x 3, swap_every: [400 fs, 800 fs] }
END
"$LIQUIDUS" plan c.yaml >plan.txt || { cat plan.txt; fail "plan"; }
grep -q '^Ar=1 T=110K  *1 x 1 x 3, 192 atoms, 100 and 200$' plan.txt || { cat plan.txt; fail "the plan's cell"; }
grep -q '^rnemd-2 production: ' plan.txt || { cat plan.txt; fail "the plan's cost"; }
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
kappa, error, flag = (float(f["thermal_conductivity_rnemd" + s][()].ravel()[0]) for s in ("", "_error", "_flag"))
assert 0.03 < kappa < 0.13 and 0 < error < 0.4 * kappa, (kappa, error)  # of this liquid: 0.07 W/(m K)
names = f["thermal_conductivity_rnemd_flag"].attrs["flag_meanings"]
names = (names.decode() if isinstance(names, bytes) else str(names)).split()
flags = {n for i, n in enumerate(names) if int(flag) & 1 << i}
assert "finite_size" in flags and not flags & {"missing", "partial", "drift"}, flags
gk, gk_error, gk_flag = (float(f["thermal_conductivity" + s][()].ravel()[0]) for s in ("", "_error", "_flag"))
apart = abs(gk - kappa) > 3 * np.hypot(gk_error, error)
disagree = 1 << names.index("methods_disagree")
assert bool(int(flag) & disagree) == bool(int(gk_flag) & disagree) == apart, (gk, gk_error, kappa, error)
curve = f["curve/thermal_conductivity_rnemd"]
first, second = (curve[f"temperature_{k}"][()].ravel() for k in (1, 2))
z = curve["height_1"][()].ravel()
assert len(first) == len(second) == 20 and (np.diff(z) > 0).all() and 4e-9 < z[-1] < 5.5e-9, z
rise = [t[8:13].mean() - np.r_[t[:3], t[-2:]].mean() for t in (first, second)]
assert rise[0] > 1.3 * rise[1] > 5, rise  # twice the flux, more of a gradient
END
exit 0
