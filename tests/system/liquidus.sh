#!/bin/sh
# Points below the liquidus that a campaign gives: not run, no failure, said everywhere.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
cp "$SOURCE/tests/data/campaigns/liquidus.yaml" "$SOURCE/tests/data/campaigns/liquidus.csv" . || exit 1

# 107.8 K at 0.25, 99.8 K at 0.5, 83.8 K at 1: of six points one is below
why='100 K is below the liquidus, 107.8 K (Melting points of argon and krypton, joined by a line: for tests only)'
"$LIQUIDUS" plan liquidus.yaml --no-probe >plan.out 2>&1 || "$LIQUIDUS" plan liquidus.yaml >plan.out || { cat plan.out; fail "plan"; }
{ [ "$(grep -c 'excluded: ' plan.out)" = 1 ] && grep -q "^argon=0.25 T=100K .*excluded: $why" plan.out &&
  grep -q '6 points, 1 replicas, 10 tasks' plan.out; } || { cat plan.out; fail "what plan says"; }
"$LIQUIDUS" run liquidus.yaml -n 2 --quiet >run.out || { cat run.out; fail "exit code $?"; }
grep -q "excluded: $why" run.out || { cat run.out; fail "the table"; }
"$LIQUIDUS" status liquidus.run >status.out
{ grep -q '^6 points: 5 done, 0 failed, 0 running, 0 planned, 1 excluded; 100 %' status.out &&
  grep -q "^argon=0.25 T=100K .*excluded .*$why" status.out; } || { cat status.out; fail "status"; }
{ "$LIQUIDUS" explain liquidus.run 0 >explain.out && grep -q "reason: $why" explain.out; } || { cat explain.out; fail "explain"; }
ask() { # ask EXPRESSION WHAT
  "$python" -c "import h5py, numpy
f = h5py.File('liquidus.run/results.h5'); p = f['point']
word = lambda n: p[n].attrs['flag_meanings'].decode().split()[list(p[n].attrs['flag_values']).index(p[n][0])]
rho = f['density'][()].ravel(); flag = f['density_flag'][()].ravel()
assert $1, (rho, flag, p['state'][:], p['reason'][:])" || fail "$2"
}
ask "word('state') == 'excluded' and word('reason') == 'below_the_liquidus' and (p['state'][1:] == 2).all()" "state and reason"
ask "numpy.isnan(rho[0]) and flag[0] == 1 and (rho[1:] > 800).all()" "a hole with its flag"
"$LIQUIDUS" analyze liquidus.run >analyze.out || { cat analyze.out; fail "exit code of analyze"; }

# Another liquidus: what was excluded is run, nothing is run again.
sed -i 's/liquid_above: .*/liquid_above: { argon: 1.0, T: 105 K }/' liquidus.yaml
before=$(grep -c 'event=finish' liquidus.run/log)
"$LIQUIDUS" run liquidus.yaml -n 2 --quiet >run.out || { cat run.out; fail "exit code $?"; }
[ "$(grep -c 'event=finish' liquidus.run/log)" = $((before + 2)) ] || fail "more or less than two stages were run"
ask "rho[0] > 800 and numpy.isnan(rho[4]) and numpy.isnan(rho).sum() == 1" "the point at 1.0 and 100 K is the one excluded now"
exit 0
