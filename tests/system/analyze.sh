#!/bin/sh
# `liquidus analyze`: the table of a run once more from its journals, bit for bit, by one rank and by three; with other
# settings; what cannot be analysed leaves the table as it is.  And what stands in /series.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml analysed '[1100 K, 1150 K]'
"$LIQUIDUS" run c.yaml -n 3 --quiet >run.txt
code=$?
finished $code "the run"
cp analysed.run/results.h5 run.h5

analyse() { # analyse WHAT ARGUMENTS...
  what=$1
  shift
  rm -f analysed.run/results.h5
  "$@" >analyze.txt 2>err.txt
  [ $? = $code ] || { cat err.txt; fail "$what: exit code"; }
}
# from another folder: the campaign file is known from the run
mkdir elsewhere
(cd elsewhere && "$LIQUIDUS" analyze ../analysed.run/ >../analyze.txt 2>../err.txt)
[ $? = $code ] || { cat err.txt; fail "from another folder: exit code"; }
same_table run.h5 analysed.run/results.h5
grep -q "event=analyze file=$SCRATCH/c.yaml failed_points=" analysed.run/log || fail "the log does not know of it"
analyse "by one rank" "$LIQUIDUS" analyze analysed.run
same_table run.h5 analysed.run/results.h5
cmp run.txt analyze.txt || fail "the table for people is another one"
analyse "by three ranks" "$MPIEXEC" -n 3 "$LIQUIDUS" analyze analysed.run
same_table run.h5 analysed.run/results.h5
"$python" - <<END || fail "attributes"
import h5py
a, b = (dict(h5py.File(f).attrs) for f in ("run.h5", "analysed.run/results.h5"))
assert {k: v for k, v in a.items() if k != "history"} == {k: v for k, v in b.items() if k != "history"}, (a, b)
END

# other settings, in another file: the same numbers, other flags
sed 's/^potential: { /potential: { extrapolation: { save: 0.01 }, /' c.yaml >strict.yaml
analyse "with other settings" "$LIQUIDUS" analyze analysed.run strict.yaml
"$python" - <<END || fail "with other settings"
import h5py, numpy as np
a, b = (h5py.File(f) for f in ("run.h5", "analysed.run/results.h5"))
there = np.isfinite(a["density"][()])
assert there.any() and np.array_equal(a["density"][()], b["density"][()], equal_nan=True)
assert not (a["density_flag"][()][there] & 1024).all() and (b["density_flag"][()][there] & 1024).all()
END

# block means: no momentum, temperatures near those of the table, nothing but zeros where a difference begins
"$python" - <<END || fail "/series"
import h5py, numpy as np
f = h5py.File("run.h5")
mass = dict(Ca=40.078, K=39.0983, Cl=35.45)
m = np.array([mass[bytes(s).rstrip(b"\0").decode()] for s in (b"".join(row) for row in f["species"][()])])
c = f["series/nve/current"][()].astype(float)
assert c.shape[1:4] == (2, 3, 3) and c.shape[4] == 60, c.shape
known = np.isfinite(c).all(axis=(1, 2, 3, 4))
assert known.any()
flow = np.abs(m[:, None, None] * c[known])
assert (abs((m[:, None, None] * c[known]).sum(axis=2)) < 1e-5 * flow.max()).all(), "momentum"
T = f["series/nve/temperature"][()].mean(axis=(1, 2))[known]
table = f["kinetic_temperature"][()].reshape(-1)[known]
assert (abs(T / table - 1) < 0.1).all(), (T, table)
V = f["series/npt/volume"][()].mean(axis=(1, 2))[known]
atoms, units = f["point/atoms"][()][known], f["density"][()].reshape(-1)[known]
rho = 1e-3 * (atoms * m).sum(axis=1) / atoms.sum(axis=1) / V
assert (abs(rho / units - 1) < 0.1).all(), (rho, units)
assert f["series/nve/heat_current"].shape[2] == 3 and np.isfinite(f["series/nve/heat_current"][()][known]).all()
END

# what cannot be analysed: one line, exit code 2, and the table stays
refused() { # refused TEXT ARGUMENTS...
  text=$1
  shift
  cp analysed.run/results.h5 before.h5
  "$LIQUIDUS" "$@" >/dev/null 2>err.txt
  [ $? = 2 ] || fail "$*: exit code"
  grep -qF -- "$text" err.txt || { cat err.txt; fail "$*: no '$text'"; }
  cmp before.h5 analysed.run/results.h5 || fail "$*: the table changed"
}
refused "elsewhere: no campaign's results here" analyze elsewhere
sed 's/1150 K/1200 K/; s/1100 K/1000 K/' c.yaml >other.yaml
refused 'no record fits other.yaml, whose points or estimators are others' analyze analysed.run other.yaml
sed 's/^campaign: .*/campaign: another/' c.yaml >another.yaml
refused "holds the results of campaign 'analysed', not of 'another'" analyze analysed.run another.yaml
"$python" -c '
import fcntl, subprocess, sys
lock = open("analysed.run/lock", "r+")
fcntl.flock(lock, fcntl.LOCK_EX)
done = subprocess.run([sys.argv[1], "analyze", "analysed.run"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
assert done.returncode == 2 and "liquidus analyze: analysed.run: another run works here" in done.stderr, done
' "$LIQUIDUS" || fail "while a run works"
mv c.yaml moved.yaml
refused 'c.yaml: got no file that can be opened, wanted a campaign file' analyze analysed.run
analyse "the campaign file as an argument" "$LIQUIDUS" analyze analysed.run moved.yaml
same_table run.h5 analysed.run/results.h5
