#!/bin/sh
# `liquidus potential info` and `eval`: what they print, what they refuse and with which words.
# Numbers are compared by awk with a file that another program wrote, not by our own readers.
set -u
cd "$SCRATCH" || exit 1
rm -rf ./*
random=$SOURCE/tests/data/mtp/random

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE STDERR ARGUMENTS...: `potential ARGUMENTS` ends with CODE and says exactly STDERR
expect() {
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" potential "$@" >out 2>err
  code=$?
  [ $code = "$want" ] || { cat err; fail "potential $*: exit code $code, wanted $want"; }
  [ "$(cat err)" = "$text" ] || { cat err; fail "potential $*: wanted '$text'"; }
}

# --- info
expect 0 "" info "$random/rand_3sp_12.almtp"
cat >want <<END
$random/rand_3sp_12.almtp
  format           MLIP-3 .almtp, version 1.1.0
  name             bench
  species          3, types in .cfg files: 0 1 2
  level            12
  moments          46 basic, 84 in all, 117 products, 29 scalars
  radial basis     RBChebyshev, 3 functions of 8 polynomials
  cut-off          5 Å
  min_dist         1.8 Å
  scaling          0.05
  coefficients     248
  selection state  none
END
diff want out || fail "info of a 3-species potential"

sed 's/= RBChebyshev$/= RBChebyshev_repuls/' "$random/rand_3sp_12.almtp" >repuls.almtp
expect 0 "" info repuls.almtp
grep -q 'radial basis  *RBChebyshev_repuls, 3 functions' out || fail "the other radial basis"
head -c 1500 "$random/rand_2sp_08.almtp" >cut.almtp
"$LIQUIDUS" potential info cut.almtp none.mtp "$random/rand_2sp_08.almtp" >out 2>err
[ $? = 2 ] || fail "a bad file among good ones must give exit code 2"
grep -q '^cut.almtp:[0-9]*' err || { cat err; fail "a truncated potential is named with its line"; }
grep -qx 'none.mtp: cannot be opened: No such file or directory' err || { cat err; fail "a missing potential"; }
grep -q 'level  *8' out || fail "the good file is described all the same"

# --- eval against another program
# values FILE COLUMNS...: forces, energy, PlusStress, one a line
values() {
  awk -v first="$2" '
    /AtomData/ { atoms = 1; next }
    /Energy/ { atoms = 0; energy = 1; next }
    energy { print $1; energy = 0; next }
    /PlusStress/ { stress = 1; next }
    stress { for (k = 1; k <= 6; k++) print $k; stress = 0; next }
    atoms { for (k = 0; k < 3; k++) print $(first + k) }' "$1"
}
for name in 2sp_08 3sp_12; do
  species=${name%%sp*}
  expect 0 "" eval "$random/rand_$name.almtp" "$random/liquid$species.cfg" -o new.cfg
  values new.cfg 7 >ours
  values "$random/ref_numpy_$name.cfg" 6 >theirs
  paste ours theirs | awk -v name="$name" '
    { d = $1 - $2; s = 1 + ($2 < 0 ? -$2 : $2); if (d < 0) d = -d; if (!(d / s <= 1e-12)) bad++; n++ }
    END { if (bad || n != 864 * 3 + 7) { print name ": " bad + 0 " of " n " numbers differ"; exit 1 } }' ||
    fail "energies, forces and PlusStress of $name"
done
awk '/AtomData/ { a = 1; next } /Energy/ { a = 0; e = 1; next } a { sum += $6 } e { energy = $1; e = 0 }
  END { d = sum - energy; exit !(d < 1e-8 && d > -1e-8) }' new.cfg || fail "site energies sum to the energy"
awk '/AtomData/ { a = 1; next } /Energy/ { exit } a && $7 !~ /^-?[0-9]\.[0-9]+e[-+][0-9]+$/ { exit 1 }
  a && length($7) < 22 { exit 1 }' new.cfg || fail "17 significant digits"

# --- several configurations, other fields kept
cat >one.cfg <<'END'
BEGIN_CFG
 Size
    2
 Supercell
    4.0 0.1 0.0
    0.0 4.2 0.0
    0.3 0.0 3.9
 AtomData:  id type cartes_x cartes_y cartes_z fx fy fz charge
    1 0 0.0 0.0 0.0 9 9 9 0.25
    2 1 2.0 2.1 1.9 9 9 9 -0.25
 Energy
    99
 Feature   EFS_by	VASP
 Feature   note	kept
END_CFG
END
sed 's/2.0 2.1 1.9/1.9 2.2 2.1/; s/kept/second/' one.cfg | cat one.cfg - >two.cfg
expect 0 "" eval -o new.cfg "$random/rand_2sp_10.almtp" two.cfg
[ "$(grep -c END_CFG new.cfg)" = 2 ] || fail "two configurations in, two out"
grep -q 'note.*kept' new.cfg || fail "features are kept"
grep -q 'note.*second' new.cfg || fail "features of the second configuration are kept"
[ "$(grep -c 'EFS_by.*liquidus' new.cfg)" = 2 ] || fail "EFS_by names who computed them now"
grep -q '2\.5000000000000000e-01' new.cfg || fail "charges are kept"
awk '/Energy/ { getline; print $1 }' new.cfg | sort -u | wc -l | grep -qx '2' || fail "two different energies"

# --- types: positions in .mtp, labels in .almtp
sed 's/^\([[:blank:]]*\)0-0/\117-17/; s/^\([[:blank:]]*\)0-1/\117-20/; s/^\([[:blank:]]*\)1-0/\120-17/; s/^\([[:blank:]]*\)1-1/\120-20/' \
  "$random/rand_2sp_10.almtp" >labels.almtp
cp labels.almtp labels.mtp
sed 's/^    1 0 /    1 17 /; s/^    2 1 /    2 20 /' one.cfg >numbers.cfg
expect 0 "" eval "$random/rand_2sp_10.almtp" one.cfg -o plain.cfg
expect 0 "" eval labels.almtp numbers.cfg -o by_label.cfg
sed 's/^    1 17 /    1 0 /; s/^    2 20 /    2 1 /' by_label.cfg | cmp -s - plain.cfg || fail "types by label"
expect 0 "" eval labels.mtp one.cfg -o by_position.cfg
cmp -s by_position.cfg plain.cfg || fail "types by position"
expect 2 "numbers.cfg: configuration 1: atom 1: got type 17, the potential has 0, 1
numbers.cfg: configuration 1: atom 2: got type 20, the potential has 0, 1" eval labels.mtp numbers.cfg -o no.cfg
expect 2 "one.cfg: configuration 1: atom 1: got type 0, the potential has 17, 20
one.cfg: configuration 1: atom 2: got type 1, the potential has 17, 20" eval labels.almtp one.cfg -o no.cfg
sed 's/^    2 1 /    2 5 /' two.cfg | sed '1,/END_CFG/ s/^    2 5 /    2 1 /' >second.cfg
expect 2 "second.cfg: configuration 2: atom 2: got type 5, the potential has 0, 1" \
  eval "$random/rand_2sp_10.almtp" second.cfg -o no.cfg
[ ! -e no.cfg ] || fail "bad input must not leave an output"

# --- geometry
sed 's/4.0 0.1 0.0/1e-4 0 0/; s/0.0 4.2 0.0/0 1e-4 0/; s/0.3 0.0 3.9/0 0 1e-4/' one.cfg >thin.cfg
expect 2 "thin.cfg: configuration 1: got a cell too thin or atoms too dense for the cut-off 5 Å" \
  eval "$random/rand_2sp_10.almtp" thin.cfg -o no.cfg
sed 's/2.0 2.1 1.9/2e12 2.1 1.9/' one.cfg >far.cfg
expect 2 "far.cfg: configuration 1: got lattice vectors that span no volume or an atom too far from the cell" \
  eval "$random/rand_2sp_10.almtp" far.cfg -o no.cfg
sed 's/charge$/ghost/; s/ 0.25$/ 0/; s/ -0.25$/ 1/' one.cfg >ghost.cfg
expect 2 "ghost.cfg: configuration 1: atom 2: got a ghost atom, wanted real atoms (images are made here)" \
  eval "$random/rand_2sp_10.almtp" ghost.cfg -o no.cfg
sed 's/2.0 2.1 1.9/0.0 0.0 0.0/' one.cfg >same.cfg
expect 2 "same.cfg: configuration 1: got energies, forces or stresses that are not finite, are two atoms in one place?" \
  eval "$random/rand_2sp_10.almtp" same.cfg -o no.cfg
[ ! -e no.cfg ] || fail "numbers that are not finite must not be written"

# --- files and arguments
: >empty.cfg
expect 2 "empty.cfg:1: the file is empty, wanted configurations: BEGIN_CFG ..." eval "$random/rand_2sp_10.almtp" empty.cfg -o no.cfg
expect 2 "none.almtp: cannot be opened: No such file or directory
none.cfg: cannot be opened: No such file or directory" eval none.almtp none.cfg -o no.cfg
expect 3 "liquidus potential eval: nowhere/o.cfg: cannot be written (No such file or directory)" \
  eval "$random/rand_2sp_10.almtp" one.cfg -o nowhere/o.cfg
if [ -c /dev/full ]; then
  expect 3 "liquidus potential eval: /dev/full: cannot be written (No space left on device)" \
    eval "$random/rand_2sp_10.almtp" one.cfg -o /dev/full
fi
expect 2 "liquidus potential eval: one.cfg would overwrite an input file" \
  eval "$random/rand_2sp_10.almtp" one.cfg -o one.cfg
expect 2 "liquidus potential eval: wanted POTENTIAL IN.cfg -o OUT.cfg" eval a.mtp b.cfg
expect 2 "liquidus potential eval: -o wants a file" eval a.mtp b.cfg -o
expect 2 "liquidus potential eval: got option -x, wanted -o OUT.cfg or --species" eval a.mtp -x
expect 2 "liquidus potential eval: got 'c' after POTENTIAL and IN.cfg" eval a.mtp b.cfg c -o d
expect 2 "liquidus potential info: wanted a file" info
expect 2 "liquidus potential: got 'show', wanted info, eval, convert or bench" show
expect 2 "liquidus potential: got 'nothing', wanted info, eval, convert or bench"
[ ! -e no.cfg ] || fail "nothing may be written when something is refused"
echo "potential: all as it should be"
