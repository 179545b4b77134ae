#!/bin/sh
# The calendar is set back and forward by a day while a campaign runs: nobody is taken for hung, for dead or for late, a
# deadline of the batch system stays where it was, also for a job that died and was started again, and the table is the
# same, bit for bit.
# usage: clock.sh [all]: with `all` also a deadline that a clock set back would put off
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
need_proc
need_preload
memory_folder clock
# long enough for several signs of life of the dispatcher, and to be at work still when it is looked at on a fast machine
sed 's/npt: 8 ps, nve: 8 ps/npt: 50 ps, nve: 50 ps/; /trajectory:/d' "$SOURCE/tests/data/campaigns/killed_argon.yaml" >"$folder/c.yaml"
sed 's/nve: 50 ps/nve: 1 us/' "$folder/c.yaml" >"$folder/long.yaml"
cd "$folder" || exit 1
"$LIQUIDUS" run c.yaml -n 2 --out whole.run --quiet >whole.txt
finished $? "the undisturbed run"
day=86400

begin() { # begin FILE DIR SECONDS: a campaign with a wrong clock and so many seconds of batch job left
  echo 0 >wrong
  LD_PRELOAD=$PRELOAD LQ_CLOCK=$folder/wrong LIQUIDUS_PATIENCE=3 LIQUIDUS_DEADLINE=$(($(date +%s) + $3)) \
    "$LIQUIDUS" run "$1" -n 2 --out "$2" --segment 0.05 --quiet >out.txt 2>err.txt &
  run=$!
}
segments() { sed -n '/event=segment/p' "$1/log" 2>/dev/null | wc -l; }
more() { # more DIR: until two more segments are there
  have=$(segments "$1")
  for _ in $(seq 1500); do
    [ "$(segments "$1")" -ge $((have + 2)) ] && return
    sleep 0.02
  done
  cat err.txt
  fail "no more segments in $1"
}
kill_worker() { # kill_worker DIR
  for p in $(pgrep -f -- "--out $1 --segment"); do
    tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qx 'PMI_RANK=1' && kill -9 "$p" && return
  done
  fail "no worker of $1 was found"
}
started_again() { grep -q '^liquidus run: the job died (.*); starting it again$' err.txt || { cat err.txt; fail "the job was not started again"; }; }

begin c.yaml jumps.run 3600
more jumps.run
echo -$day >wrong
more jumps.run
echo $day >wrong
more jumps.run
sleep 3.2 # the next page
"$LIQUIDUS" status jumps.run >status.txt || fail "status while the clock is wrong"
grep -q 'as of -' status.txt && { cat status.txt; fail "an age below zero"; }
grep -Eq '\(of unknown age: written by a clock that was [0-9]+ s ahead of this one\)$' status.txt || { cat status.txt; fail "status takes the age for known"; }
"$LIQUIDUS" run c.yaml -n 2 --out jumps.run --quiet >busy.txt 2>&1
[ $? = 2 ] || { cat busy.txt; fail "a run whose clock is ahead was taken for dead"; }
kill_worker jumps.run
wait $run
finished $? "the run with clocks that jump"
started_again
grep -q 'no sign of life' err.txt && { cat err.txt; fail "a clock that jumps was taken for silence"; }
grep -q 'event=drain' jumps.run/log && fail "a clock that jumps was taken for the end of the job"
[ "$(cut -c1-10 jumps.run/log | sort -u | wc -l)" -ge 3 ] || fail "the log has not three dates: the clock did not jump"
same_table whole.run/results.h5 jumps.run/results.h5

[ "${1:-}" = all ] || exit 0
# Back by a day, and the job dies: it still ends in time.
begin long.yaml cut.run 12
more cut.run
echo -$day >wrong
more cut.run
kill_worker cut.run
for _ in $(seq 300); do
  kill -0 $run 2>/dev/null || break
  sleep 0.1
done
kill $run 2>/dev/null && fail "the deadline went away with the clock"
wait $run
code=$?
[ $code = 75 ] || { cat err.txt cut.run/log; fail "a run that meets its deadline: exit code $code, wanted 75"; }
started_again
grep -q 'event=drain deadline=' cut.run/log || { cat cut.run/log; fail "no word of the deadline"; }
