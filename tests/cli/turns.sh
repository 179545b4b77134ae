#!/bin/sh
# Several runs on one directory, one after the other: `run --wait`.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml turns
sed -i 's/nve: 0.6 ps/nve: 4 ps/' c.yaml
begun() { # begun DIR: a run has finished a segment there
  for _ in $(seq 400); do grep -q 'event=segment\|event=finish' "$1/log" 2>/dev/null && return; sleep 0.05; done
  fail "$1: nothing began"
}

# The second waits for the first, finds nothing left to do, and has the same table.
"$LIQUIDUS" run c.yaml -n 2 --out first.run --segment 0.2 --quiet >first.txt 2>&1 &
first=$!
begun first.run
"$LIQUIDUS" run c.yaml -n 2 --out first.run --quiet --wait 0.3 >out.txt 2>err.txt
[ $? = 2 ] || fail "did not give up waiting"
grep -q '^liquidus run: first.run: another run works here; waiting for it up to 0 s$' err.txt || { cat err.txt; fail "waits without a word"; }
grep -q '^liquidus run: first.run: another run works here; wait for it or stop it$' err.txt || { cat err.txt; fail "gave up without a word"; }
"$LIQUIDUS" run c.yaml -n 2 --out first.run --quiet --wait 100 >second.txt 2>err.txt
code=$?
wait "$first"
[ $? = $code ] || fail "the second ends with $code, the first did not"
finished $code "the second run"
[ "$(grep -c event=start first.run/log)" = 2 ] || { cat first.run/log; fail "wanted two runs"; }
[ "$(grep -c 'event=segment\|event=finish' first.run/log)" = "$(sed '/event=use/q' first.run/log | grep -c 'event=segment\|event=finish')" ] ||
  fail "the second did something again"
[ -s first.run/lock ] && fail "a run that ended still holds the lock"

exit 0
