#!/bin/sh
# Two ranks share the atoms of every task: the table, however it was cut into segments; refusals.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml groups '[1150 K]'
sed -i 's/  replicas: 2/  replicas: 2\n  trajectory: 0.1 ps/' c.yaml

"$LIQUIDUS" run c.yaml -n 3 --group 2 --out whole.run >run.txt
code=$?
finished $code "run in a group of 2"
cat run.txt
[ "$(find whole.run -name 'journal*' | wc -l)" -le 2 ] || fail "more journals than a group and the compacted one"
"$LIQUIDUS" run c.yaml -n 3 --group 2 --segment 0.05 --out cut.run --quiet >/dev/null
[ $? = $code ] || fail "short segments end with another exit code"
[ "$(grep -c event=segment cut.run/log)" -gt "$(grep -c event=segment whole.run/log)" ] || fail "no more segments than before"
same_table whole.run/results.h5 cut.run/results.h5
for file in whole.run/trajectory/*.xyz; do
  cmp "$file" "cut.run/trajectory/$(basename "$file")" || fail "trajectories differ"
done

# one rank a task follows other round-off: the same liquid, not the same bits
"$LIQUIDUS" run c.yaml -n 3 --out one.run --quiet >/dev/null
finished $? "run in groups of 1"
"$python" -c '
import h5py, numpy as np
a, b = (h5py.File(f + "/results.h5")["density"][()] for f in ("whole.run", "one.run"))
both = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0) & (a < 1e30) & (b < 1e30)
assert both.any() and (abs(a / b - 1)[both] < 0.1).all(), (a, b)' || fail "groups of 1 and 2 have other densities"

"$LIQUIDUS" run c.yaml -n 4 --group 2 --out no.run 2>err.txt
[ $? = 2 ] || fail "3 workers in groups of 2: exit code"
grep -q 'no whole groups of 2; wanted --ranks 1 + a multiple of --group' err.txt || fail "3 workers in groups of 2"
"$LIQUIDUS" run c.yaml --group 0 2>err.txt
[ $? = 2 ] || fail "--group 0: exit code"
grep -q -- "--group: got '0'" err.txt || fail "--group 0"
printf '%s\n' 'campaign: salt' 'potential: { type: tosi-fumi, salt: NaCl, species: [Na, Cl], cutoff: 5 A }' \
  'system:' '  components: { NaCl: { formula: NaCl } }' '  charges: { Na: +1, Cl: -1 }' \
  '  composition: { unit: mole fraction, NaCl: 1.0 }' '  atoms: 64' 'conditions: { temperature: 1100 K }' \
  'simulation: { timestep: 1 fs, equilibration: 1 ps, production: { npt: 1 ps } }' 'properties: { density: {} }' >salt.yaml
"$LIQUIDUS" run salt.yaml -n 3 --group 2 --out no.run 2>err.txt
[ $? = 2 ] || fail "ions in a group of 2: exit code"
grep -q 'needs all atoms on one rank; wanted --group 1' err.txt || { cat err.txt; fail "ions in a group of 2"; }
[ ! -e no.run ] || fail "a refused run made its directory"
