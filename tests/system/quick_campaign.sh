#!/bin/sh
# The whole road on a small real campaign: plan, run, table, files, results, run again, status.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml quick '[1100 K, 1150 K]'

"$LIQUIDUS" plan c.yaml >plan.txt || fail "plan"
grep -q '^campaign quick: 4 points, 2 replicas, 24 tasks' plan.txt || { cat plan.txt; fail "plan counts"; }
grep -q 'us per atom and step' plan.txt || fail "plan has no measured cost"
# the equilibration is over in less time than the probe takes: no batch of zero length may be timed
! grep -q -- '-0\.0\|(0\.0 to\|nan\|inf' plan.txt || { cat plan.txt; fail "plan measured nonsense"; }
[ ! -e quick.run ] || fail "plan changed something"

"$LIQUIDUS" run c.yaml -n 3 >run.txt
code=$?
finished $code "run"
cat run.txt
blocks=$(grep -c ' temperature K ' run.txt) # as many as the columns need
[ "$(grep -cE '^ +(0\.777|1) +(1100|1150) ' run.txt)" = $((4 * blocks)) ] || fail "the table has not 4 lines"
n=$(find quick.run -type f | wc -l)
[ "$n" -le 12 ] || fail "$n files for 2 groups"
/usr/bin/ncdump quick.run/results.h5 >dump.txt 2>err.txt || { cat err.txt; fail "ncdump"; }

"$LIQUIDUS" run c.yaml -n 2 --out quick.run >again.txt
[ $? = $code ] || fail "running again gives another exit code"
grep -q 'event=segment\|event=finish' quick.run/log || fail "the log has no segments"
before=$(grep -c 'event=segment\|event=finish' quick.run/log)
cp quick.run/results.h5 first.h5
"$LIQUIDUS" run c.yaml -n 3 --out quick.run --quiet >/dev/null
[ "$(grep -c 'event=segment\|event=finish' quick.run/log)" = "$before" ] || fail "finished work was done again"
same_table first.h5 quick.run/results.h5

"$LIQUIDUS" status quick.run >status.txt || fail "status"
grep -q '^campaign quick: complete' status.txt || { cat status.txt; fail "status does not say complete"; }
"$LIQUIDUS" status quick.run --json | "$python" -c '
import json, sys
s = json.load(sys.stdin)
assert s["points"] == 4 and s["done"] + s["failed"] == 4 and not s["alive"], s
assert len(s["table"]) == 4, s'  || fail "status --json"

# trajectories on request: 6 frames of every production that ended well, and the same numbers
sed 's/  replicas: 2/  replicas: 2\n  trajectory: 0.1 ps/' c.yaml >frames.yaml
"$LIQUIDUS" run frames.yaml -n 3 --out frames.run >/dev/null
[ $? = $code ] || fail "trajectories change the exit code"
whole=0
for file in frames.run/trajectory/*.xyz; do
  [ "$(grep -c '^Lattice=.* Properties=species:S:1:pos:R:3' "$file")" = 6 ] && whole=$((whole + 1))
done
[ "$whole" -ge 4 ] || fail "$whole trajectories with 6 frames"
"$python" -c '
import h5py, numpy as np
a, b = (h5py.File(f) for f in ("first.h5", "frames.run/results.h5"))
for name in ("density", "density_error", "diffusion", "coordination"):
    assert a[name][()].tobytes() == b[name][()].tobytes(), name' || fail "writing frames changes the numbers"
