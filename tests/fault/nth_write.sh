#!/bin/sh
# The Nth write, sync, cut or renaming fails with a full disk, N = 1, 2, 3, ... until the campaign goes through untouched:
# for the journals, the results file and the trajectories in both formats.  Each time the run ends with exit code 3 and the
# system's words, or the operation did not matter; what is there is whole; the same command then ends with the same table
# and the same trajectories, bit for bit.
# usage: nth_write.sh [EVERY]: only about every EVERYth operation
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
need_preload
memory_folder nth
every=${1:-1}
# one worker, segments of one length, so that an operation's number means the same each time
sed 's/temperature: .90 K, 120 K./temperature: 90 K/; s/equilibration: 4 ps/equilibration: 0.8 ps/
  s/npt: 8 ps, nve: 8 ps/npt: 0.8 ps, nve: 0.8 ps/; s/replicas: 2/replicas: 1/; s/every: 0.4 ps/every: 0.04 ps/' \
  "$SOURCE/tests/data/campaigns/killed_argon.yaml" >"$folder/c.yaml"
cd "$folder" || exit 1
undisturbed() {
  rm -rf whole.run
  "$LIQUIDUS" run c.yaml -n 2 --out whole.run --quiet >whole.txt
  finished $? "the undisturbed run"
}
undisturbed

walk() { # walk WHAT PART-OF-THE-PATH KIND
  n=1 failed=0
  while :; do
    rm -rf hurt.run note
    LD_PRELOAD=$PRELOAD LQ_FAULT_PATH=$2 LQ_FAULT_NTH=$n LQ_FAULT_KIND=$3 LQ_FAULT_NOTE=$folder/note \
      "$LIQUIDUS" run c.yaml -n 2 --out hurt.run --quiet >out.txt 2>err.txt
    code=$?
    if [ $code = 3 ]; then
      # the second form is MPI's, of a file that cannot be given its length
      grep -qE '^liquidus run: .*hurt.run.*(No space left on device|Not enough space for file)' err.txt ||
        { cat err.txt; fail "$1, operation $n: the message names neither path nor cause"; }
      failed=$((failed + 1))
    else
      finished $code "$1, operation $n"
    fi
    "$LIQUIDUS" run c.yaml -n 2 --out hurt.run --quiet >out.txt 2>err.txt
    finished $? "$1, the run after operation $n failed"
    same_table whole.run/results.h5 hurt.run/results.h5 >same.txt
    "$python" "$SOURCE/tests/support/same_trajectory.py" whole.run/trajectory hurt.run/trajectory >same.txt ||
      fail "$1, operation $n: other trajectories"
    [ -e note ] || break
    n=$((n + (n < 6 ? 1 : every)))
    [ $n -lt 2000 ] || fail "$1: no end of operations"
  done
  echo "$1 ($3): $failed runs ended with a message; the first untouched one had fewer than $n operations"
  [ $failed -gt 0 ] || fail "$1: no operation failed"
}
walk "journals" hurt.run/journal. once
[ "$every" -gt 1 ] || walk "journals" hurt.run/journal. stays
walk "results file" hurt.run/results.h5 once
[ "$every" -gt 1 ] || walk "results file" hurt.run/results.h5 stays
for format in xyz h5md; do
  sed -i "s/format: [a-z0-9]*/format: $format/" c.yaml
  [ $format = xyz ] || undisturbed
  walk "trajectories in $format" hurt.run/trajectory/ once
  [ "$every" -gt 1 ] || walk "trajectories in $format" hurt.run/trajectory/ stays
done
