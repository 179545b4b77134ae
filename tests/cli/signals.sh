#!/bin/sh
# SIGINT and SIGTERM to the command alone stop the whole run: exit code 75, nothing left running, and status says so.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml signals
sed -i 's/nve: 0.6 ps/nve: 60 ps/' c.yaml # with the slowest kernel longer than this test
for signal in INT TERM; do
  # `env` gives the run its own default SIGINT, which a shell takes from what it starts in the background
  env --default-signal=INT "$LIQUIDUS" run c.yaml -n 3 --out "$SCRATCH/s.run" --segment 0.2 --quiet --kernel reference >out.txt 2>err.txt &
  run=$!
  for _ in $(seq 200); do
    "$LIQUIDUS" status s.run 2>/dev/null | grep -q '^campaign signals: running$' && break
    sleep 0.05
  done
  kill -$signal $run
  wait $run
  code=$?
  [ $code = 75 ] || { cat err.txt; fail "exit code $code after SIG$signal, wanted 75"; }
  grep -qx 'Stopped; the same command goes on from here.' err.txt || { cat err.txt; fail "SIG$signal: no word of it"; }
  for _ in $(seq 100); do
    pgrep -f -- "--out $SCRATCH/s.run" >/dev/null || break
    sleep 0.05
  done
  pgrep -f -- "--out $SCRATCH/s.run" >/dev/null && fail "ranks go on after SIG$signal"
done
exit 0
