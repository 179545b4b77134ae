#!/bin/sh
# Who works in a directory: what a dead process left is taken over, a living one is respected, on this machine and on another; and a
# file system that is read-only or full.  Exact messages and exit codes; nothing is damaged.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
memory_folder locks
cd "$folder" || exit 1
sed 's/temperature: .90 K, 120 K./temperature: 90 K/; s/equilibration: 4 ps/equilibration: 0.8 ps/; s/npt: 8 ps, nve: 8 ps/npt: 2 ps, nve: 2 ps/
  /trajectory:/d; s/replicas: 2/replicas: 1/' "$SOURCE/tests/data/campaigns/killed_argon.yaml" >c.yaml
"$LIQUIDUS" run c.yaml -n 2 --out whole.run --quiet >whole.txt
finished $? "the undisturbed run"
[ -e whole.run/lock ] || fail "a run left no lock"
[ ! -s whole.run/lock ] || fail "a run that ended in order left its name in the lock"

sums() { (cd "$1" && cksum ./*); }
says() { [ "$(cat err.txt)" = "$1" ] || { cat err.txt; fail "wanted '$1'"; }; }

# a process of this machine that is no more: the kernel knows, nothing is said, the log names it
cp -r whole.run stale.run
printf 'process 999999 on %s\nbeat 0000000003\n' "$(hostname)" >stale.run/lock
"$LIQUIDUS" run c.yaml -n 2 --out stale.run --quiet >out.txt 2>err.txt
finished $? "the run with a stale lock"
says ""
grep -q "event=stale-lock owner=\"process 999999 on $(hostname)\"" stale.run/log || fail "the log does not name the dead owner"
same_table whole.run/results.h5 stale.run/results.h5

# one of another machine that gives no sign of life
printf 'process 4242 on elsewhere\nbeat 0000000003\n' >stale.run/lock
"$LIQUIDUS" run c.yaml -n 2 --out stale.run --quiet >out.txt 2>err.txt
finished $? "the run with a stale lock of another machine"
says "liquidus run: stale.run: the lock of process 4242 on elsewhere, which gave no sign of life for 10 s, is taken over"
same_table whole.run/results.h5 stale.run/results.h5

# one that does, whatever its clock says
printf 'process 4242 on elsewhere\nbeat 0000000003\n' >stale.run/lock
touch -d 1990-01-01 stale.run/lock
sums stale.run | grep -v lock >before.txt
(
  for n in $(seq 4 40); do
    sleep 0.5
    printf 'process 4242 on elsewhere\nbeat %010d\n' "$n" >stale.run/lock
  done
) &
"$LIQUIDUS" run c.yaml -n 2 --out stale.run --quiet >out.txt 2>err.txt
code=$?
kill $! 2>/dev/null
wait
[ $code = 2 ] || fail "a run beside one of another machine: exit code $code"
grep -qx "liquidus run: stale.run: another run works here (process 4242 on elsewhere); wait for it or stop it" err.txt ||
  { cat err.txt; fail "wrong message"; }
# the supervisor may clear status.json before it hears of the other
sums stale.run | grep -v 'lock\|status' >after.txt
grep -v status before.txt | cmp - after.txt || fail "the refused run touched something"

# file systems of their own
mkdir disk
mount -t tmpfs -o size=1m,nr_inodes=40 none disk 2>/dev/null || {
  echo "no right to mount: read-only and full file systems were not tried"
  exit 0
}
trap 'umount -l "$folder/disk"; rm -rf "$folder"' EXIT
dd if=/dev/zero of=disk/filler bs=1k count=1000 2>/dev/null
"$LIQUIDUS" run c.yaml -n 2 --out disk/full.run --quiet >out.txt 2>err.txt
code=$?
[ $code = 3 ] || { cat err.txt; fail "a full disk: exit code $code"; }
head -n 1 err.txt | grep -q '^liquidus run: disk/full.run/.*: .*No space left on device' || { cat err.txt; fail "a full disk: wrong message"; }
"$LIQUIDUS" status disk/full.run >out.txt 2>err.txt # says what it can; does not crash
[ $? -le 2 ] || fail "status on a full disk"
rm disk/filler
"$LIQUIDUS" run c.yaml -n 2 --out disk/full.run --quiet >out.txt 2>err.txt
finished $? "the run after room was made"
same_table whole.run/results.h5 disk/full.run/results.h5

mount -o remount,ro disk
sums disk/full.run >before.txt
"$LIQUIDUS" run c.yaml -n 2 --out disk/full.run --quiet >out.txt 2>err.txt
code=$?
[ $code = 3 ] || { cat err.txt; fail "a read-only directory: exit code $code"; }
says "liquidus run: disk/full.run: the output directory cannot be written (Read-only file system); give another with --out DIR"
sums disk/full.run | cmp - before.txt || fail "the refused run touched something"
"$LIQUIDUS" status disk/full.run >out.txt || fail "status of a read-only directory"
