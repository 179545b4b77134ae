#!/bin/sh
# kill -9 of the whole run at three random moments; the same command then ends with the same table, bit for bit, and the
# same trajectories.
# usage: kill_resume.sh [KILLS [xyz|h5md [RANKS IN A GROUP]]]
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
kills=${1:-3}
format=${2:-h5md}
group=${3:-1}
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml killed
sed -i "s/  replicas: 2/  replicas: 2\n  trajectory: { every: 0.05 ps, format: $format, velocities: true }/" c.yaml
# the more kills, the longer the campaign, so that they find it running
# (ranks that share 36 atoms talk more than they compute, and take several times as long)
sed -i "s/npt: 0.6 ps, nve: 0.6 ps/npt: $((kills * 5 / group + 10)) ps, nve: $((kills * 3 / group + 10)) ps/" c.yaml

# configurations that the potential hardly knows are kept: here the worst, whatever their grade
sed -i 's/species: \[Ca, K, Cl\]/&, extrapolation: { save: 0.01 }/' c.yaml

start=$(date +%s%N)
"$LIQUIDUS" run c.yaml -n 3 --group "$group" --out whole.run --quiet >whole.txt
finished $? "the uninterrupted run"
took=$((($(date +%s%N) - start) / 1000000)) # ms

kill_all() { # everything of the run, at once: supervisor, mpiexec, ranks (their arguments name the directory)
  pkill -9 -f -- "--out $SCRATCH/killed.run" 2>/dev/null
  while pgrep -f -- "--out $SCRATCH/killed.run" >/dev/null; do sleep 0.05; done
}
trap kill_all EXIT

k=0 real=0
while [ $k -lt "$kills" ]; do
  k=$((k + 1))
  "$LIQUIDUS" run c.yaml -n 3 --group "$group" --segment 0.2 --quiet --out "$SCRATCH/killed.run" >killed.txt 2>&1 &
  # not before ranks are up; then, on average, after three quarters of this kill's share of the whole time, so that the last
  # kills find the campaign running, too.  The moment is from the system, another one each time.
  random=$(od -An -N2 -tu2 /dev/urandom)
  ms=$((300 + random % (3 * took / kills / 2 + 1)))
  sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
  if pgrep -f -- "--out $SCRATCH/killed.run" >/dev/null; then real=$((real + 1)); fi
  kill_all
  wait
  echo "kill $k after $ms ms of $took ms"
done
echo "$real of $kills kills hit a running campaign"
[ $real -gt 0 ] || fail "no kill hit a running campaign"
"$LIQUIDUS" run c.yaml -n 3 --group "$group" --segment 0.2 --quiet --out "$SCRATCH/killed.run" >killed.txt
finished $? "the resumed run"
same_table whole.run/results.h5 killed.run/results.h5
[ -s whole.run/extrapolating.xyz ] || fail "no configuration is kept"
cmp whole.run/extrapolating.xyz killed.run/extrapolating.xyz || fail "other configurations are kept"
"$python" "$SOURCE/tests/support/same_trajectory.py" whole.run/trajectory killed.run/trajectory ||
  fail "the trajectories differ"
