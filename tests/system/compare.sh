#!/bin/sh
# Our numbers beside made-up measurements of a known truth: a bias of 2 % is found, noise is called noise, what cannot be compared
# is said; forms, bases and units meet the same numbers; exit codes; figures.
# usage: compare.sh <make_results>
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
make=$1
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"
cat >melt.yaml <<END
campaign: melt
potential: { type: lj, species: [Ca, K, Cl], cutoff: 5 A, pairs: { Ca: { epsilon: 300 K, sigma: 3 A }, K: { epsilon: 300 K, sigma: 3 A }, Cl: { epsilon: 300 K, sigma: 3 A } } }
system:
  components: { CaCl2: { formula: CaCl2 }, KCl: { formula: KCl } }
  charges: { Ca: +2, K: +1, Cl: -1 }
  composition: { unit: mole fraction, CaCl2: [0.25, 0.5, 1.0], KCl: balance }
  atoms: 500
conditions: { temperature: { from: 900 K, to: 1200 K, step: 50 K }, pressure: 0 bar }
simulation: { timestep: 1 fs, equilibration: 1 ps, production: { npt: 1 ps, nve: 1 ps }, replicas: 4 }
properties: { density: {}, heat_capacity: {}, viscosity: {}, diffusion: {}, ionic_conductivity: {}, thermal_conductivity: {}, potential_energy: {} }
END
"$make" melt.yaml melt.run
sed 's/0.25, 0.5, 1.0/0, 0.5, 1.0/' melt.yaml >pure.yaml
"$make" pure.yaml pure.run
"$python" "$SOURCE/tests/system/compare.py" write "$SCRATCH"

"$LIQUIDUS" compare melt.run same.csv >same.txt || fail "compare with the truth"
"$LIQUIDUS" compare melt.run biased.csv --json >biased.json || fail "compare with a bias"
"$LIQUIDUS" compare melt.run points.csv other.csv --out figures --json >points.json || fail "compare with points"
"$LIQUIDUS" compare pure.run bases.csv --json >bases.json || fail "compare of molarities and volumes"
"$LIQUIDUS" compare melt.run same.csv shifted.csv >mutual.txt || fail "compare of two sources"
"$python" "$SOURCE/tests/system/compare.py" read "$SCRATCH" || fail "a comparison is not what was put in"

code=0
"$LIQUIDUS" compare melt.run biased.csv --fail-if 'density.mape > 1%' >/dev/null 2>err.txt || code=$?
[ "$code" = 1 ] || fail "--fail-if ends with $code"
"$LIQUIDUS" compare melt.run biased.csv --fail-if 'density.mape > 5% or coverage < 0' >/dev/null || fail "--fail-if fails without a reason"
code=0
"$LIQUIDUS" compare melt.run biased.csv --fail-if 'density.mope > 1%' >/dev/null 2>err.txt || code=$?
if [ "$code" != 2 ] || ! grep -q "got 'density.mope > 1%', wanted a comparison" err.txt; then
  fail "a wrong expression: $code $(cat err.txt)"
fi
printf 'property,unit,CaCl2,T_K,value\ncolour,kg/m3,0.5,1000,1\ndensity,lb/ft3,0.5,1000,1\n' >bad.csv
code=0
"$LIQUIDUS" compare melt.run bad.csv >/dev/null 2>err.txt || code=$?
if [ "$code" != 2 ] || ! grep -q 'bad.csv:2: column property' err.txt || ! grep -q 'bad.csv:3: column unit' err.txt; then
  fail "a bad file: $code $(cat err.txt)"
fi
code=0
"$LIQUIDUS" compare melt.run bases.csv >/dev/null 2>err.txt || code=$?
if [ "$code" != 2 ] || ! grep -q 'bases.csv:5: column basis: got volume fractions, wanted a column or line density KCl (kg/m3): it is not pure in the table' err.txt; then
  fail "volumes without a density: $code $(cat err.txt)"
fi
if command -v gnuplot >/dev/null; then
  (cd figures && gnuplot density.gp && grep -q '<path' density_parity.svg && grep -q '<path' density_deviation.svg) || fail "figures"
fi
