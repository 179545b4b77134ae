#!/bin/sh
# `liquidus merge`: two halves of a campaign, and two numbers of replicas, give the table of the whole, bit for bit; again, the
# same; nothing is written to what is merged; what differs is named.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
memory_folder merge
cd "$folder" || exit 1
write() { # write FILE TEMPERATURES REPLICAS
  sed "s/temperature: .90 K, 120 K./temperature: [$2]/; s/equilibration: 4 ps/equilibration: 0.8 ps/
    s/npt: 8 ps, nve: 8 ps/npt: 2 ps, nve: 2 ps/; /trajectory:/d; s/replicas: 2/replicas: $3/" \
    "$SOURCE/tests/data/campaigns/killed_argon.yaml" >"$1"
}
run() { # run FILE DIR
  "$LIQUIDUS" run "$1" -n 2 --out "$2" --quiet >"$2.txt"
  finished $? "the run of $1"
}
write whole.yaml "90 K, 105 K, 120 K" 2
write cold.yaml "90 K, 105 K" 2 # shares a point with the next
write hot.yaml "105 K, 120 K" 1
run whole.yaml whole.run
run cold.yaml cold.run
run hot.yaml hot.run
sums() { cksum cold.run/* hot.run/*; }
sums >before.txt
refused() { # refused TEXT ARGUMENTS...
  text=$1
  shift
  "$LIQUIDUS" merge "$@" >out.txt 2>err.txt
  [ $? = 2 ] || { cat err.txt; fail "merge $*: wanted exit code 2"; }
  [ "$(cat err.txt)" = "liquidus merge: $text" ] || { cat err.txt; fail "merge $*: wanted '$text'"; }
}
refused "wanted 2 to 64 directories, got 1; see liquidus merge --help" cold.run
refused "unknown option or missing value: --away; see liquidus merge --help" cold.run hot.run --away
refused "none of these campaigns has the points of all; give one that has with --campaign CAMPAIGN.yaml" cold.run hot.run
refused "--out ./cold.run is one of the directories that are merged, which are only read; give another" \
  cold.run hot.run --campaign whole.yaml --out ./cold.run/
mkdir empty
"$LIQUIDUS" merge cold.run empty >out.txt 2>err.txt
[ $? = 2 ] || fail "merge with a folder that is no campaign's"
grep -q "^liquidus merge: empty: no campaign's results here" err.txt || { cat err.txt; fail "wrong message"; }

# a point is not complete: 120 K has one replica of two.  The table says so, and a run does what is missing
"$LIQUIDUS" merge cold.run hot.run --campaign whole.yaml >merged.txt 2>err.txt
[ $? = 1 ] || { cat err.txt; fail "a merge that is not complete: wanted exit code 1"; }
[ ! -s err.txt ] || { cat err.txt; fail "a merge without conflicts has nothing to say"; }
sums | cmp - before.txt || fail "what was merged was touched"
cp killed.merged.run/results.h5 once.h5
"$LIQUIDUS" merge cold.run hot.run --campaign whole.yaml >again.txt 2>err.txt
[ $? = 1 ] || fail "the same again"
same_table once.h5 killed.merged.run/results.h5
cmp merged.txt again.txt || fail "again: another table"
"$LIQUIDUS" run whole.yaml -n 2 --out killed.merged.run --quiet >out.txt
finished $? "the run after the merge"
[ "$(grep -c 'event=finish' killed.merged.run/log)" = 3 ] || fail "not only the three stages of one replica were run"
same_table whole.run/results.h5 killed.merged.run/results.h5

# what is complete together, in either order, into a directory of one's own
write hot.yaml "105 K, 120 K" 2
run hot.yaml hot.run
for order in "cold.run hot.run" "hot.run cold.run"; do
  rm -rf all.run
  # shellcheck disable=SC2086 # two words
  "$LIQUIDUS" merge $order --campaign whole.yaml --out all.run >out.txt 2>err.txt
  finished $? "the merge of $order"
  [ ! -s err.txt ] || { cat err.txt; fail "$order: no conflict was expected"; }
  same_table whole.run/results.h5 all.run/results.h5
done
# a campaign that has the points of all needs no file
rm -rf all.run
"$LIQUIDUS" merge cold.run whole.run --out all.run >out.txt 2>err.txt
finished $? "the merge without a file"
same_table whole.run/results.h5 all.run/results.h5

# the same steps, other bits: another kernel would do it, here another order of the sums of two ranks
rm -rf other.run all.run
write one.yaml "90 K" 1
"$LIQUIDUS" run one.yaml -n 3 --group 2 --out other.run --quiet >out.txt
finished $? "the run in groups of two"
"$LIQUIDUS" merge whole.run other.run --out all.run >out.txt 2>err.txt
[ $? = 1 ] || { cat err.txt; fail "a merge with conflicts: wanted exit code 1"; }
grep -qx 'liquidus merge: Ar=1 T=90K, replica 0, npt: whole.run and other.run differ after 500 steps; that of whole.run is kept' err.txt ||
  { cat err.txt; fail "the conflict is not named"; }
same_table whole.run/results.h5 all.run/results.h5
