#!/bin/sh
# An edited campaign re-runs only what changed: a temperature is inserted, a replica added, a length raised.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

run() {
  "$LIQUIDUS" run c.yaml -n 3 --out edit.run --quiet >run.txt
  finished $? "run"
}
finishes() { # finished stages at a temperature, so far in the log
  grep 'event=\(finish\|fail\)' edit.run/log | grep -c "T=$1K"
}
write_campaign c.yaml edited '[1150 K]'
run
[ "$(finishes 1150)" = 12 ] || fail "2 points x 2 replicas x 3 stages: $(finishes 1150) finished"

# insert a temperature: the old points are not touched
write_campaign c.yaml edited '[1100 K, 1150 K]'
run
[ "$(finishes 1150)" = 12 ] || fail "inserting a temperature ran old points again"
[ "$(finishes 1100)" = 12 ] || fail "the new points did not run"
cp edit.run/results.h5 two.h5

# the same table as a campaign that had both from the start
"$LIQUIDUS" run c.yaml -n 3 --out fresh.run --quiet >/dev/null
finished $? "the fresh run"
same_table two.h5 fresh.run/results.h5

# a longer NVE production goes on from where it was; nothing before it runs again
sed -i 's/nve: 0.6 ps/nve: 0.9 ps/' c.yaml
run
grep 'event=finish' edit.run/log | tail -n 8 | grep -q 'stage=nve done=900' || fail "the NVE production was not prolonged"
[ "$(grep 'event=\(finish\|fail\)' edit.run/log | grep -c 'stage=equilibration')" = 8 ] ||
  fail "equilibration ran again for a longer production"
[ "$(grep 'event=\(finish\|fail\)' edit.run/log | grep -c 'stage=npt')" = 8 ] ||
  fail "the NPT production ran again for a longer NVE production"
"$LIQUIDUS" run c.yaml -n 3 --out long.run --quiet >/dev/null
finished $? "the long fresh run"
same_table edit.run/results.h5 long.run/results.h5

# viscosity left out and asked for again: a record without block means cannot give them, one with them serves again.
# Only the NVE production depends on them
sed -i '/viscosity:/d; /conductivity:/d' c.yaml
run
grep 'event=finish' edit.run/log | tail -n 8 | grep -q 'stage=nve done=900' || fail "NVE without block means did not run"
sed -i 's/^properties:/properties:\n  viscosity: {}/' c.yaml
before=$(grep -c 'event=\(finish\|fail\)' edit.run/log)
run
[ "$(grep -c 'event=\(finish\|fail\)' edit.run/log)" = $((before + 8)) ] || fail "not only the 8 NVE productions ran again"
"$LIQUIDUS" run c.yaml -n 3 --out viscous.run --quiet >/dev/null
finished $? "the fresh run with viscosity"
same_table edit.run/results.h5 viscous.run/results.h5
