#!/bin/sh
# Campaigns with potentials that need no file: liquid argon-krypton and molten NaCl, planned and run in seconds.  The
# densities that come out are those of liquids: argon-krypton 1:1 at 120 K 1.3 to 2.2 g/cm3, NaCl at 1200 K 1.1 to 1.8.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
cp "$SOURCE/tests/data/campaigns/pairs_argon.yaml" "$SOURCE/tests/data/campaigns/pairs_nacl.yaml" . || exit 1
check() { # check FILE NAME LOW HIGH TEXT: density between LOW and HIGH [kg/m3], TEXT in the potential's text
  "$LIQUIDUS" plan "$1" >plan.txt || { cat plan.txt; fail "plan of $1"; }
  grep -q "$5" plan.txt || { cat plan.txt; fail "the plan of $1 does not say what the potential is"; }
  "$LIQUIDUS" run "$1" -n 3 >run.txt
  code=$?
  finished $code "run of $1"
  "$python" -c '
import h5py, sys
f = h5py.File(sys.argv[1] + ".run/results.h5")
rho = float(f["density"][()].ravel()[0])
text = bytes(f["potential_text"][()]).decode()
assert float(sys.argv[2]) < rho < float(sys.argv[3]), rho
assert sys.argv[4] in text, text' "$2" "$3" "$4" "$5" || { cat run.txt; fail "results of $1"; }
}
check pairs_argon.yaml argon 1300 2200 'Lennard-Jones, force-shifted at 8.5 A'
check pairs_nacl.yaml nacl 1100 1800 'Tosi-Fumi, shifted at 7 A'

# Another cut-off is another potential: its point is computed anew, the old one stays known.
before=$(grep -c 'event=finish\|event=segment' argon.run/log)
sed 's/cutoff: 8.5 A/cutoff: 8 A/' pairs_argon.yaml >other.yaml
"$LIQUIDUS" run other.yaml -n 3 --out argon.run >/dev/null
finished $? "run with another cut-off"
[ "$(grep -c 'event=finish\|event=segment' argon.run/log)" -gt "$before" ] || fail "another cut-off was not computed"
exit 0
