#!/bin/sh
# Targets of a real campaign of two points: missed, met, and how `run`, `status`, `explain`, `plan` and `analyze` say it.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
cp "$SOURCE/tests/data/campaigns/targets_argon.yaml" strict.yaml || exit 1
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
says run.txt 'Ar=1 T=120K: density '
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
    assert abs(t["error"] / (error / value) - 1) < 1e-12 and abs(t["ratio"] / (1e4 * t["error"]) - 1) < 1e-12, t
    need = t["replicas_needed"]
    assert need - 1 < t["replicas"] * t["ratio"] ** 2 <= need, t
    each = row["seconds"] / t["replicas"]
    assert abs(t["core_seconds_needed"] / (each * (need - t["replicas"])) - 1) < 1e-6, t
END

# The same numbers meet other targets: no dynamics, and exit code 0.
cp uneven.run/results.h5 strict.h5
"$LIQUIDUS" analyze uneven.run mild.yaml >analyze.txt
[ $? = 0 ] || { cat analyze.txt; fail "analyze with targets that are met ends with 0"; }
says analyze.txt 'Targets: 2 of 2 met'
"$python" -c '
import h5py
a, b = (h5py.File(f) for f in ("strict.h5", "uneven.run/results.h5"))
assert (a["density"][()] == b["density"][()]).all() and (a["density_error"][()] == b["density_error"][()]).all()
' || fail "another target made other numbers"
before=$(grep -c 'event=finish\|event=segment' uneven.run/log)
"$LIQUIDUS" run mild.yaml -n 3 --quiet >run.txt || { cat run.txt; fail "a run whose targets are met ends with 0"; }
[ "$(grep -c 'event=finish\|event=segment' uneven.run/log)" = "$before" ] || fail "another target repeated work"
exit 0
