#!/bin/sh
# The report of made-up tables, one of them with hostile texts: well-formed, complete, with nothing loaded from elsewhere, every
# figure drawn; in a browser where there is one (chromium): no error, and a page of the height of its content.
# usage: report.sh <make_results>
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
command -v gnuplot >/dev/null || {
  echo "skipped: gnuplot is not installed (gnuplot-nox)"
  exit 77
}
make=$1
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"

campaign() { # campaign FILE NAME COMPOSITIONS TEMPERATURES DESCRIPTION
  cat >"$1" <<END
campaign: $2
description: "$5"
potential: { type: lj, species: [Ca, K, Cl], cutoff: 5 A, pairs: { Ca: { epsilon: 300 K, sigma: 3 A }, K: { epsilon: 300 K, sigma: 3 A }, Cl: { epsilon: 300 K, sigma: 3 A } } }
system:
  components: { CaCl2: { formula: CaCl2 }, KCl: { formula: KCl } }
  charges: { Ca: +2, K: +1, Cl: -1 }
  composition: { unit: mole fraction, CaCl2: $3, KCl: balance }
  atoms: 500
conditions: { temperature: $4, pressure: 0 bar }
simulation: { timestep: 1 fs, equilibration: 1 ps, production: { npt: 1 ps, nve: 1 ps }, replicas: 4 }
properties: { density: {}, heat_capacity: {}, viscosity: {}, diffusion: {}, ionic_conductivity: {}, thermal_conductivity: {}, potential_energy: {} }
END
}
campaign melt.yaml melt '[0.25, 0.5, 0.75, 1.0]' '{ from: 900 K, to: 1200 K, step: 50 K }' 'x'
sed -i 's/^description: .*/description: '"'"'a <\/title><script>alert(1)<\/script> \& "quotes"'"'"'/' melt.yaml
"$make" melt.yaml melt.run holes
printf 'property,unit,CaCl2,KCl,T_K,value,source\ndensity,kg/m3,0.25,0.75,1000,2400,"<b>bold</b> & co"\n' >data.csv
"$LIQUIDUS" report melt.run data.csv --out pages/melt.html >out.txt || fail "report"
"$python" "$SOURCE/tests/system/report.py" pages/melt.html || fail "the page is not what it should be"
"$LIQUIDUS" report melt.run >/dev/null || fail "report without --out"
[ -s melt.html ] || fail "without --out the page is ./melt.html"

code=0
PATH=/nowhere "$LIQUIDUS" report melt.run --out x.html >/dev/null 2>err.txt || code=$?
if [ "$code" != 3 ] || ! grep -q 'gnuplot is needed' err.txt; then
  fail "without gnuplot: $code $(cat err.txt)"
fi
if command -v chromium >/dev/null; then
  timeout 120 chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --window-size=390,800 \
    --screenshot=page.png "file://$SCRATCH/pages/melt.html" >/dev/null 2>browser.txt || fail "the browser: $(tail -3 browser.txt)"
  if grep -q 'CONSOLE' browser.txt; then
    fail "the browser complains: $(grep CONSOLE browser.txt | head -3)"
  fi
  [ -s page.png ] || fail "no picture of the page"
else
  echo "chromium is not installed: not looked at in a browser"
fi
