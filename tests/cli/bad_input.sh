#!/bin/sh
# Every bad campaign file of tests/data/campaigns through the program: `liquidus plan FILE` must end
# with 2, print nothing on stdout and exactly FILE's .err on stderr.  A potential that does not exist
# is for `liquidus run` to refuse: it starts nothing and leaves no directory.
[ -x "$LIQUIDUS" ] || { echo "no program at $LIQUIDUS"; exit 77; }
cd "$SOURCE/tests/data/campaigns" || exit 1
bad=0
count=0
for want in *.err; do
  file=${want%.err}.yaml
  verb=plan
  [ "$file" != missing_potential.yaml ] || verb="run --out $SCRATCH/none.run"
  # shellcheck disable=SC2086 # a verb and its options
  "$LIQUIDUS" $verb "$file" > "$SCRATCH/out" 2> "$SCRATCH/err"
  code=$?
  count=$((count + 1))
  [ $code -eq 2 ] || { echo "$file: exit code $code, wanted 2"; bad=1; }
  [ ! -s "$SCRATCH/out" ] || { echo "$file: unexpected output"; cat "$SCRATCH/out"; bad=1; }
  diff -u "$want" "$SCRATCH/err" || { echo "$file: other messages"; bad=1; }
done
[ ! -e "$SCRATCH/none.run" ] || { echo "run without a potential left a directory"; bad=1; }
echo "$count files"
[ $count -ge 40 ] || { echo "wanted at least 40"; bad=1; }
exit $bad
