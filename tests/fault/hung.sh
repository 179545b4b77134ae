#!/bin/sh
# A worker that is stopped, and a dispatcher that is, give no sign of life: the job is ended and started again, and the
# table is the same, bit for bit.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
need_proc
memory_folder hung
# long enough for two signs of life of the dispatcher
sed 's/npt: 8 ps, nve: 8 ps/npt: 24 ps, nve: 24 ps/' "$SOURCE/tests/data/campaigns/killed_argon.yaml" >"$folder/c.yaml"
cd "$folder" || exit 1
"$LIQUIDUS" run c.yaml -n 2 --out whole.run --quiet >whole.txt
finished $? "the undisturbed run"
rank_of() { tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | sed -n 's/^PMI_RANK=//p'; }

hang() { # hang DIR RANK WHAT
  LIQUIDUS_PATIENCE=3 "$LIQUIDUS" run c.yaml -n 2 --out "$1" --segment 0.05 --quiet >out.txt 2>err.txt &
  run=$!
  for _ in $(seq 600); do
    # a dispatcher is watched from its second sign of life on, a second after the first
    grep -qs 'event=segment' "$1/log" && { [ "$2" = 1 ] || grep -qs 'beat 0*[2-9]' "$1/lock"; } && break
    sleep 0.02
  done
  for p in $(pgrep -f -- "--out $1 --segment"); do
    [ "$(rank_of "$p")" = "$2" ] && victim=$p
  done
  kill -STOP "$victim" || fail "no $3 was found"
  wait $run
  finished $? "the run with a hung $3"
  cat err.txt
  grep -q '^liquidus run: the job died (.*); starting it again$' err.txt || fail "the job with a hung $3 was not started again"
  same_table whole.run/results.h5 "$1/results.h5"
}
hang worker.run 1 worker
grep -q '^liquidus run: group 0 gave no sign of life for [3-9] s (Ar=1 T=[0-9]*K); the job is ended$' err.txt ||
  fail "wrong message"
grep -q 'event=hung point="Ar=1 T=' worker.run/log || fail "the log does not name what hung"
hang dispatcher.run 0 dispatcher
grep -qx 'liquidus run: the dispatcher gave no sign of life for 3 s; the job is ended' err.txt || fail "wrong message"
