#!/bin/sh
# `liquidus select`: which candidates it takes, the active set it saves, what it refuses.
set -u
cd "$SCRATCH" || exit 1
rm -rf ./*
random=$SOURCE/tests/data/mtp/random
pot=$random/rand_2sp_08.almtp

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE STDERR ARGUMENTS...: `liquidus select ARGUMENTS` ends with CODE and says exactly STDERR
expect() {
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" select "$@" >out 2>err
  code=$?
  [ $code = "$want" ] || { cat err; fail "select $*: exit code $code, wanted $want"; }
  [ "$(cat err)" = "$text" ] || { cat err; fail "select $*: wanted '$text'"; }
}

# shellcheck source=tests/support/structures.sh
. "$SOURCE/tests/support/structures.sh"
names() { # features `name` of a file, in a line
  awk '/Feature *name/ { printf "%s ", $3 } END { print "" }' "$1"
}
largest() { # largest grade of a file in the set of a potential
  "$LIQUIDUS" grade "$1" "$2" | awk '$1 == "all" { print $3 }'
}
structures 12 1 >train.cfg
structures 30 7 >candidates.cfg

# --- a first selection
expect 0 "" "$pot" candidates.cfg -o selected.cfg --save set.almtp
grep -q "^$pot: neighbourhood mode, active set of 75 rows$" out || { cat out; fail "mode"; }
grep -q '^  rows offered     240, ' out || { cat out; fail "rows"; }
awk '/^  selected / { for (k = 5; k <= NF; k++) printf "%s ", $k; print "" }' out >said
names selected.cfg | diff said - || fail "the candidates that are named are those that are written"
{ [ "$(wc -w <said)" -lt 30 ] && [ "$(wc -w <said)" -gt 5 ]; } || fail "some are selected"
[ "$(grep -c selected_eqn_inds selected.cfg)" = "$(wc -w <said | tr -d ' ')" ] || fail "their equations are named"
largest set.almtp candidates.cfg | awk '{ exit !($1 <= 1.001001) }' || fail "candidates are inside afterwards"
"$LIQUIDUS" potential info set.almtp | grep -q "neighbourhood mode, 75 rows, .* never replaced, $(wc -w <said | tr -d ' ') configurations" ||
  fail "the saved set"

# --- again: nothing more to select; --fresh begins anew
expect 0 "" set.almtp candidates.cfg -o again.cfg
{ grep -q '^  selected         0 of 30$' out && [ -e again.cfg ] && [ ! -s again.cfg ]; } || { cat out; fail "nothing new"; }
expect 0 "" set.almtp candidates.cfg --fresh -o again.cfg
cmp -s again.cfg selected.cfg || fail "--fresh does not go on from the active set"
expect 0 "" set.almtp train.cfg --save more.almtp
largest more.almtp train.cfg | awk '{ exit !($1 <= 1.001001) }' || fail "the set grows"

# --- a training set first: fewer candidates are new
expect 0 "" "$pot" candidates.cfg --train train.cfg -o new.cfg --save both.almtp
grep -q '^  rows offered     336, ' out || { cat out; fail "rows of both"; }
[ "$(names new.cfg | wc -w)" -lt "$(wc -w <said)" ] || fail "a training set leaves less to select"
for f in train candidates; do
  largest both.almtp $f.cfg | awk '{ exit !($1 <= 1.001001) }' || fail "$f.cfg is inside afterwards"
done
expect 0 "" "$pot" candidates.cfg --train candidates.cfg -o none.cfg
grep -q 'selected         0 of 30' out || { cat out; fail "candidates that are in the training set"; }
expect 0 "" "$pot" train.cfg --save base.almtp
expect 0 "" base.almtp candidates.cfg
count() { awk '/^  selected / { print $2 }' out; }
few=$(count)
expect 0 "" base.almtp candidates.cfg --threshold 3
[ "$(count)" -lt "$few" ] || { cat out; fail "a larger threshold takes fewer than $few"; }

# --- configuration mode
expect 0 "" "$pot" candidates.cfg --mode configuration --save total.almtp
{ grep -q 'configuration mode' out && grep -q '^  rows offered     30, ' out; } || { cat out; fail "configuration mode"; }
expect 0 "" total.almtp train.cfg
grep -q 'configuration mode' out || fail "the mode of the active set is kept"
expect 2 "total.almtp: the active set is of configuration mode, wanted neighbourhood mode, or --fresh to begin without it" \
  total.almtp train.cfg --mode neighbourhood -o no.cfg
expect 0 "" total.almtp train.cfg --mode neighbourhood --fresh

# --- types by label, extended XYZ
sed 's/^\([[:blank:]]*\)0-0/\117-17/; s/^\([[:blank:]]*\)0-1/\117-20/; s/^\([[:blank:]]*\)1-0/\120-17/; s/^\([[:blank:]]*\)1-1/\120-20/' \
  "$pot" >labels.mtp
expect 0 "" labels.mtp candidates.cfg --save labels.almtp
LC_ALL=C grep -qa 'Feature *name' labels.almtp || fail "configurations in the state"
"$LIQUIDUS" potential convert candidates.cfg c.xyz --species Ca,Cl 2>err || { cat err; fail "convert"; }
expect 0 "" labels.almtp c.xyz --species Ca,Cl -o sel.xyz
grep -q 'selected         0 of 30' out || { cat out; fail "positions in .mtp, labels in .almtp, elements in .xyz are the same atoms"; }
expect 0 "" "$pot" c.xyz --species Ca,Cl -o sel.xyz
grep -q '^Ca ' sel.xyz || fail "elements in the output"

# --- MLIP-2's example
example=$SHARED/data/mtp/mlip2_examples/05.select-add
if [ -d "$example" ]; then
  expect 0 "" "$example/pot.mtp" "$example/candidate.cfg" --train "$example/train.cfg" --mode configuration -o sel.cfg
  mindist() { awk '/mindist/ { print $3 }' "$1" | sort; }
  mindist "$example/sample_out/to-be-computed-on-dft.cfg" >theirs
  mindist sel.cfg | diff theirs - || fail "MLIP-2 selects others"
fi
sets=$SHARED/data/mtp/active-sets
if [ -d "$sets" ]; then
  expect 0 "" "$sets/trained_lj_08.almtp" "$sets/train20x64_lj.cfg" --fresh --save own.almtp
  expect_rows=$(grep -a -A 200 '^#$' own.almtp | grep -a -c '^[0-9][0-9]* [0-9][0-9]*$')
  [ "$expect_rows" = 72 ] || fail "72 of 75 rows come from configurations, as in MLIP-3, not $expect_rows"
  expect 0 "" "$sets/trained_lj_08.almtp" "$sets/train20x64_lj.cfg"
  grep -q 'selected         0 of 20' out || { cat out; fail "MLIP-3's active set has nothing to gain from its training set"; }
fi

# --- refusals
sed 's/^    2 1 /    2 5 /' train.cfg >type.cfg
"$LIQUIDUS" select "$pot" candidates.cfg --train type.cfg -o no.cfg 2>err
{ [ $? = 2 ] && grep -q '^type.cfg: configuration [0-9]*: atom 2: got type 5, the potential has 0, 1$' err; } || { cat err; fail "a bad type"; }
expect 2 "absent.cfg: cannot be opened: No such file or directory" "$pot" candidates.cfg --train absent.cfg -o no.cfg
expect 2 "liquidus select: --mode is 'atoms', wanted neighbourhood or configuration" "$pot" candidates.cfg --mode atoms
expect 2 "liquidus select: --threshold is '1', wanted a number above 1" "$pot" candidates.cfg --threshold 1
expect 2 "liquidus select: --threshold is 'nan', wanted a number above 1" "$pot" candidates.cfg --threshold nan
expect 2 "liquidus select: --save new.mtp: only .almtp files hold an active set, wanted such a name" "$pot" candidates.cfg --save new.mtp
cp "$pot" own.almtp
expect 2 "liquidus select: own.almtp would overwrite an input file" own.almtp candidates.cfg --save own.almtp
expect 2 "liquidus select: candidates.cfg would overwrite an input file" "$pot" candidates.cfg -o candidates.cfg
expect 2 "liquidus select: -o and --save are both x.almtp" "$pot" candidates.cfg -o x.almtp --save x.almtp
expect 2 "liquidus select: got option -x, wanted -o, --train, --mode, --save, --fresh, --threshold or --species" "$pot" -x
expect 2 "liquidus select: got 'd' after POTENTIAL and CANDIDATES.cfg" a b d
expect 2 "liquidus select: wanted POTENTIAL CANDIDATES.cfg [-o SELECTED.cfg] [--save POTENTIAL.almtp]" "$pot"
expect 2 "liquidus select: --train wants a value" "$pot" candidates.cfg --train
expect 3 "liquidus select: nowhere/s.almtp: cannot be written (No such file or directory)" "$pot" candidates.cfg --save nowhere/s.almtp
cmp -s own.almtp "$pot" || fail "an input was changed"
{ [ ! -e no.cfg ] && [ ! -e new.mtp ] && [ ! -e x.almtp ]; } || fail "nothing may be written when something is refused"
echo "select: all as it should be"
