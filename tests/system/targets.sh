#!/bin/sh
# Targets of a real campaign of two points of uneven noise: missed, met, and how `run`, `status`, `explain`, `plan` and
# `analyze` say it; then run to the target, killed and resumed on the way.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
sed 's/replicas: 2/replicas: 2\n  max_replicas: 2/' "$SOURCE/tests/data/campaigns/targets_argon.yaml" >strict.yaml
sed 's/0.01 %/20 %/' strict.yaml >mild.yaml
says() { # says FILE TEXT
  grep -qF -- "$2" "$1" || { cat "$1"; fail "$1 does not say '$2'"; }
}

"$LIQUIDUS" plan strict.yaml --no-probe >plan.txt || fail "plan"
says plan.txt 'from fluctuations and memories of typical melts'
"$LIQUIDUS" plan strict.yaml --no-probe --out nowhere >plan.txt 2>err.txt
[ $? = 2 ] || fail "plan with a directory that is not there"
says err.txt '--out nowhere: cannot be read'

"$LIQUIDUS" run strict.yaml -n 3 --quiet >run.txt
[ $? = 1 ] || { cat run.txt; fail "a run that misses its targets ends with 1"; }
says run.txt 'Targets: 0 of 2 met'
says run.txt 'Ar=1 T=800K: density '
"$LIQUIDUS" status uneven.run >status.txt || fail "status"
says status.txt 'targets: 0 of 2 met; about '
says status.txt ' of 0.01 % open'
"$LIQUIDUS" explain uneven.run 1 >explain.txt || fail "explain"
says explain.txt '(target 0.01 %), not met; '
"$LIQUIDUS" plan strict.yaml --no-probe >plan.txt || fail "plan after the run"
says plan.txt 'expected errors of 2 replicas, from 2 points in uneven.run'
"$python" - <<END || fail "status.json"
import h5py, json
s = json.load(open("uneven.run/status.json"))
f = h5py.File("uneven.run/results.h5")
assert s["exit_code"] == 1 and s["targets"]["asked"] == 2 and s["targets"]["met"] == 0, s["targets"]
for row, value, error in zip(s["table"], f["density"][()].ravel(), f["density_error"][()].ravel()):
    t = row["targets"]["density"]
    assert t["state"] == "open" and t["target"] == 1e-4 and t["species"] is None, t
    assert abs(t["error"] / (error / value) - 1) < 1e-12, t
    assert 1e4 * t["error"] < t["ratio"] < 1.84e4 * t["error"] and t["samples"] >= 2, t  # with the factor of Student
    need = t["replicas_needed"]
    assert t["replicas"] * (1e4 * t["error"]) ** 2 < need < t["replicas"] * t["ratio"] ** 2 + 1, t
    each = row["seconds"] / t["replicas"]
    assert abs(t["core_seconds_needed"] / (each * (need - t["replicas"])) - 1) < 1e-6, t
END

# The same numbers are near enough to another target, but two replicas that differ are two samples: not met, and no dynamics.
cp uneven.run/results.h5 strict.h5
"$LIQUIDUS" analyze uneven.run mild.yaml >analyze.txt
[ $? = 1 ] || { cat analyze.txt; fail "analyze with a target that rests on two samples ends with 1"; }
says analyze.txt ' samples of 20 (target 20 %)'
"$python" -c '
import h5py
a, b = (h5py.File(f) for f in ("strict.h5", "uneven.run/results.h5"))
assert (a["density"][()] == b["density"][()]).all() and (a["density_error"][()] == b["density_error"][()]).all()
' || fail "another target made other numbers"
before=$(grep -c 'event=finish\|event=segment' uneven.run/log)
"$LIQUIDUS" run mild.yaml -n 3 --quiet >run.txt
[ $? = 1 ] || { cat run.txt; fail "a run that may not have more replicas"; }
[ "$(grep -c 'event=finish\|event=segment' uneven.run/log)" = "$before" ] || fail "another target repeated work"

# To the target: each point gets the replicas that it needs.  Killed after the first decision.
sed 's/max_replicas: 2/max_replicas: 60/; s/replicas: 2$/replicas: 3/; s/0.01 %/1.4 %/' strict.yaml >goal.yaml
"$LIQUIDUS" run goal.yaml -n 3 --out goal.run --segment 0.2 --quiet >goal.txt 2>&1 &
run=$!
n=0
until grep -q event=extend goal.run/log 2>/dev/null || [ $n -gt 600 ]; do
  sleep 0.2
  n=$((n + 1))
done
kill -9 $run
wait
"$LIQUIDUS" run goal.yaml -n 3 --out goal.run --segment 0.2 --quiet >goal.txt || { cat goal.txt; fail "run to the target"; }
says goal.txt 'Targets: 2 of 2 met'
"$python" - <<END || { grep extend goal.run/log; fail "replicas where they are needed"; }
import h5py
f = h5py.File("goal.run/results.h5")
n = f["point/replicas_done"][()]
error = f["density_error"][()].ravel() / f["density"][()].ravel()
neff = f["density_neff"][()].ravel()
print("replicas", n, "errors", error, "samples", neff)
assert (neff >= 20).all(), neff
assert (error <= 0.014).all() and n.min() >= 3 and n[1] >= n[0] + 3, (n, error)
assert f["series/npt/volume"].shape[1] == n.max()
assert n.sum() < 2 * n.max(), "a fixed number of replicas would cost as much"
END
cp goal.run/results.h5 goal.h5
"$LIQUIDUS" analyze goal.run >analyze.txt || fail "analyze after the run to the target"
says analyze.txt 'Targets: 2 of 2 met'
same_table goal.h5 goal.run/results.h5
"$LIQUIDUS" run goal.yaml -n 3 --out goal.run --quiet >again.txt || fail "the same run again"
same_table goal.h5 goal.run/results.h5

# The budget is spent: nothing more is begun.
sed 's/1.4 %/0.01 %/' goal.yaml >poor.yaml
echo 'budget: { core_hours: 0.00001 }' >>poor.yaml
before=$(grep -c event=extend goal.run/log)
"$LIQUIDUS" run poor.yaml -n 3 --out goal.run --quiet >poor.txt
[ $? = 1 ] || fail "a budget that is spent ends with 1"
[ "$(grep -c event=extend goal.run/log)" = "$before" ] || fail "more was begun than the budget allows"
exit 0
