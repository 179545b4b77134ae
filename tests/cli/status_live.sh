#!/bin/sh
# `liquidus status` and `explain` from another shell while a run goes on, and after it was killed.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml live
sed -i 's/nve: 0.6 ps/nve: 60 ps/' c.yaml # with the slowest kernel longer than this test
"$LIQUIDUS" run c.yaml -n 3 --out "$SCRATCH/live.run" --segment 0.2 --quiet --kernel reference >live.txt 2>&1 &
trap 'pkill -9 -f -- "--out $SCRATCH/live.run"' EXIT
for _ in $(seq 200); do
  "$LIQUIDUS" status live.run >status.txt 2>err.txt && grep -q 'running, .* [1-9][0-9]* %' status.txt && break
  sleep 0.1
done
cat status.txt
grep -q '^campaign live: running$' status.txt || fail "status does not say running"
grep -Eq '^about .* left \(.* to .*\); [0-9.e-]+ core-hours used, [0-9.e-]+ left' status.txt || fail "status has no estimate"
# a second run in the same directory is refused
"$LIQUIDUS" run c.yaml -n 2 --out live.run >out.txt 2>err.txt
[ $? = 2 ] || fail "two runs in one directory"
grep -qx 'liquidus run: live.run: another run works here; wait for it or stop it' err.txt || { cat err.txt; fail "wrong message"; }
pkill -9 -f -- "--out $SCRATCH/live.run"
while pgrep -f -- "--out $SCRATCH/live.run" >/dev/null; do sleep 0.05; done
"$LIQUIDUS" status live.run >status.txt || fail "status after a kill"
grep -q '^campaign live: not running: it was stopped or died; the same .liquidus run. goes on from here$' status.txt ||
  { cat status.txt; fail "status after a kill"; }
"$LIQUIDUS" log live.run >whole.txt || fail "log after a kill"
cmp -s whole.txt live.run/log || fail "log is not the log"
"$LIQUIDUS" log live.run 0 >point.txt || fail "log of a point"
"$LIQUIDUS" log live.run 1 >other.txt || fail "log of the other point"
{ [ -s point.txt ] && [ "$(cut -d'"' -f2 point.txt | sort -u | wc -l)" = 1 ]; } || { cat point.txt; fail "not the lines of one point"; }
[ "$(grep -c 'point="' live.run/log)" = "$(cat point.txt other.txt | wc -l)" ] || fail "two points have other lines than the log"
"$LIQUIDUS" log live.run CaCl2=7 2>err.txt && fail "log of a point that is not there"
grep -q "^liquidus log: 'CaCl2=7' is no point; wanted a number from 0 or one of$" err.txt || { cat err.txt; fail "wrong message"; }
"$LIQUIDUS" explain live.run 0 >explain.txt || fail "explain after a kill"
grep -q '^CaCl2=.*; 0 of 2 replicas done, equilibration [0-9]* %, npt' explain.txt ||
  { cat explain.txt; fail "explain does not say how far the point is"; }
grep -q 'partial: From a run that has not reached its length' explain.txt || grep -q 'missing: ' explain.txt ||
  { cat explain.txt; fail "explain does not say why numbers are missing"; }
"$LIQUIDUS" explain live.run CaCl2=7 >out.txt 2>err.txt
[ $? = 2 ] || fail "explain of a point that is not there"
grep -q "^liquidus explain: 'CaCl2=7' is no point; wanted a number from 0 or one of$" err.txt || { cat err.txt; fail "wrong message"; }
"$LIQUIDUS" explain "$SCRATCH" 0 >out.txt 2>err.txt
[ $? = 2 ] || fail "explain of a folder without a campaign"
"$LIQUIDUS" status "$SCRATCH" >out.txt 2>err.txt
[ $? = 2 ] || fail "status of a folder without a campaign"
