#!/bin/sh
# kill -9 of one worker: MPICH ends the job, the supervisor starts it again, and the table is the same.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml worker
sed -i 's/npt: 0.6 ps, nve: 0.6 ps/npt: 20 ps, nve: 20 ps/' c.yaml # not over before the worker is killed
"$LIQUIDUS" run c.yaml -n 3 --out whole.run --quiet >whole.txt
finished $? "the undisturbed run"

"$LIQUIDUS" run c.yaml -n 3 --out "$SCRATCH/hurt.run" --segment 0.2 --quiet >hurt.txt 2>err.txt &
run=$!
trap 'pkill -9 -f -- "--out $SCRATCH/hurt.run"' EXIT
for _ in $(seq 200); do # wait until a segment is on disk, then kill one worker
  grep -qs 'event=segment' hurt.run/log && break
  sleep 0.05
done
victim=$(pgrep -f -- "--out $SCRATCH/hurt.run" | while read -r p; do
  parent=$(ps -o comm= -p "$(ps -o ppid= -p "$p" | tr -d ' ')")
  case $parent in hydra_pmi*) echo "$p" ;; esac
done | tail -n 1)
[ -n "$victim" ] || fail "no worker was found"
kill -9 "$victim"
wait $run
finished $? "the hurt run"
cat err.txt
grep -q '^liquidus run: the job died (.*); starting it again$' err.txt || fail "the death was not noticed"
grep -q 'event=relaunch number=1' hurt.run/log || fail "the log does not name the relaunch"
same_table whole.run/results.h5 hurt.run/results.h5
