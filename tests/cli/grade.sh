#!/bin/sh
# `liquidus grade`: the table, the file it writes, what it refuses and with which words.  Numbers are
# compared by awk with what MLIP-3 and MLIP-2 printed (outside the repository, else left out).
set -u
cd "$SCRATCH" || exit 1
rm -rf ./*
random=$SOURCE/tests/data/mtp/random

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE STDERR ARGUMENTS...: `liquidus grade ARGUMENTS` ends with CODE and says exactly STDERR
expect() {
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" grade "$@" >out 2>err
  code=$?
  [ $code = "$want" ] || { cat err; fail "grade $*: exit code $code, wanted $want"; }
  [ "$(cat err)" = "$text" ] || { cat err; fail "grade $*: wanted '$text'"; }
}

# --- a potential with an active set of our own: one structure, so others are far away
cat >one.cfg <<'END'
BEGIN_CFG
 Size
    4
 Supercell
    5.0 0.1 0.0
    0.0 5.2 0.0
    0.3 0.0 4.9
 AtomData:  id type cartes_x cartes_y cartes_z charge
    1 0 0.0 0.0 0.0 0.25
    2 1 2.0 2.1 1.9 -0.25
    3 0 2.4 0.1 2.6 0.25
    4 1 0.2 2.6 2.4 -0.25
 Feature   note	kept
 Feature   MV_grade	old
END_CFG
END
sed 's/2.0 2.1 1.9/1.7 2.3 2.2/; s/kept/second/' one.cfg | cat one.cfg - >two.cfg
"$LIQUIDUS" select "$random/rand_2sp_08.almtp" one.cfg --save set.almtp >out 2>&1 || { cat out; fail "select"; }
expect 0 "" set.almtp two.cfg -o graded.cfg
cat >want <<END
two.cfg: grades in neighbourhood mode, active set of 75 rows, 71 never replaced
configuration    atoms    largest grade    above 2   above 10
            1        4         1.000000     0.00 %     0.00 %
END
head -3 out | diff want - || fail "head of the table and a structure of the active set"
awk 'NR == 4 && $1 == 2 && $2 == 4 && $3 > 11 && $4 == "100.00" && $6 == "100.00" { second = 1 }
  NR == 5 && $1 == "all" && $2 == 8 && $3 > 11 && $4 == "50.00" && $6 == "50.00" { all = 1 }
  END { exit !(second && all && NR == 5) }' out || { cat out; fail "a structure from outside, and the row of all"; }
[ "$(grep -c nbh_grades graded.cfg)" = 2 ] || fail "grades of atoms are a column"
[ "$(grep -c 'MV_grade.1.000000' graded.cfg)" = 1 ] || fail "the feature MV_grade"
[ "$(grep -c MV_grade graded.cfg)" = 2 ] || fail "an old MV_grade is replaced"
grep -q 'note.*second' graded.cfg || fail "features are kept"
grep -q -- '-2\.5000000000000000e-01' graded.cfg || fail "charges are kept"
awk '/MV_grade/ { feature[++n] = $3 } /AtomData/ { a = 1; next } /Feature/ { a = 0 }
  a && $NF > max[m] { max[m] = $NF } /BEGIN_CFG/ { m++ }
  END { for (k = 1; k <= 2; k++) { d = max[k] / feature[k] - 1; if (d * d > 1e-12) exit 1 } exit n != 2 }' graded.cfg ||
  fail "MV_grade is the largest grade of an atom"
expect 0 "" set.almtp two.cfg
[ "$(wc -l <out)" = 5 ] || fail "without -o only the table"
sed 's/ 0.25$//; s/ -0.25$//; s/ charge//' one.cfg >plain.cfg
"$LIQUIDUS" potential convert plain.cfg one.xyz --species Ca,Cl 2>err || { cat err; fail "convert"; }
expect 0 "" set.almtp one.xyz --species Ca,Cl -o graded.xyz
{ grep -q '1.000000' out && grep -q nbh_grades graded.xyz; } || fail "extended XYZ in and out"

# --- configuration mode
"$LIQUIDUS" select "$random/rand_2sp_08.almtp" one.cfg --mode configuration --save total.almtp >out 2>&1 ||
  { cat out; fail "select by configurations"; }
expect 0 "" total.almtp two.cfg -o total.cfg
grep -q 'grades in configuration mode, active set of 75 rows, 74 never replaced' out || { cat out; fail "mode"; }
awk 'NR == 3 && NF == 3 && $3 == "1.000000" { one = 1 } NR == 5 && $4 == "50.00" { all = 1 } END { exit !(one && all) }' out ||
  { cat out; fail "shares of configurations"; }
! grep -q nbh_grades total.cfg || fail "no grades of atoms in configuration mode"

# --- against others
sets=$SHARED/data/mtp/active-sets
if [ -d "$sets" ]; then
  for level in 08 12; do
    expect 0 "" "$sets/trained_lj_$level.almtp" "$random/liquid2.cfg" -o new.cfg
    grep 'Feature *MV_grade' new.cfg >ours
    grep 'Feature *MV_grade' "$sets/ref_mlip3_grade_lj_$level.cfg" | diff - ours || fail "MV_grade of level $level"
    for f in new.cfg "$sets/ref_mlip3_grade_lj_$level.cfg"; do
      awk '/AtomData/ { a = 1; next } /Feature|END_CFG/ { a = 0 } a { print $NF }' "$f" >"grades.$(basename "$f")"
    done
    paste grades.new.cfg "grades.ref_mlip3_grade_lj_$level.cfg" |
      awk '{ d = $1 - $2; if (d < 0) d = -d; if (!(d < 5.01e-6)) bad++ } END { exit bad > 0 || NR != 864 }' ||
      fail "grades of atoms of level $level"
  done
  awk 'NR == FNR { n++; if ($1 > 2) two++; if ($1 > 10) ten++; next }
    $1 == 1 { exit !($4 == sprintf("%.2f", 100 * two / n) && $6 == sprintf("%.2f", 100 * ten / n)) }' grades.new.cfg out ||
    { cat out; fail "shares of atoms in the table"; }
fi
mlip2=$SHARED/data/mtp/mlip2_examples/04.calc-grade
if [ -d "$mlip2" ]; then
  expect 0 "" "$mlip2/pot.mtp" "$mlip2/test.cfg" --selection "$mlip2/sample_out/state.als" -o new.cfg
  grep 'MV_grade' new.cfg | awk '{ print $3 }' >ours
  grep 'MV_grade' "$mlip2/sample_out/graded.cfg" | awk '{ print $3 }' | diff - ours || fail "grades of MLIP-2"
  sed 's/-1.375878059928774e+01/-1.375878059928775e+02/' "$mlip2/pot.mtp" >other.mtp
  expect 2 "$mlip2/sample_out/state.als: the selection state is of another potential: its coefficients differ, and grades would be wrong" \
    other.mtp "$mlip2/test.cfg" --selection "$mlip2/sample_out/state.als"
fi

# --- refusals
cp two.cfg kept.cfg
expect 2 "$random/rand_2sp_08.almtp: the potential has no selection state (active set), wanted an .almtp that was trained or selected with one" \
  "$random/rand_2sp_08.almtp" two.cfg -o no.cfg
size=$(wc -c <set.almtp)
head -c $((size - 100)) set.almtp >cut.almtp
"$LIQUIDUS" grade cut.almtp two.cfg -o no.cfg 2>err && fail "a truncated state"
grep -q '^cut.almtp:[0-9]*: the selection state ends or breaks off in its configurations$' err || { cat err; fail "a truncated state is named"; }
at=$(LC_ALL=C grep -abo 'weight_scaling 2' set.almtp | head -1 | cut -d: -f1)
{ head -c $((at + 18 + 7)) set.almtp; printf '\177'; tail -c +$((at + 18 + 9)) set.almtp; } >flipped.almtp
"$LIQUIDUS" grade flipped.almtp two.cfg -o no.cfg 2>err
[ $? = 2 ] || fail "a damaged matrix"
grep -q '^flipped.almtp: selection state: the active set' err || { cat err; fail "a damaged matrix is named"; }
"$LIQUIDUS" potential info flipped.almtp >out 2>err
[ $? = 2 ] || fail "info of a damaged state"
grep -q 'selection state  present, but not whole' out || { cat out; fail "info of a damaged state says so"; }
"$LIQUIDUS" potential info set.almtp >out 2>err || fail "info of a state"
grep -qx '  selection state  neighbourhood mode, 75 rows, 71 never replaced, 1 configurations' out || { cat out; fail "info of a state"; }
expect 2 "liquidus grade: two.cfg would overwrite an input file" set.almtp two.cfg -o two.cfg
expect 2 "liquidus grade: set.almtp would overwrite an input file" set.almtp two.cfg -o set.almtp
cmp -s two.cfg kept.cfg || fail "an input was changed"
sed 's/^    2 1 /    2 5 /' one.cfg >type.cfg
expect 2 "type.cfg: configuration 1: atom 2: got type 5, the potential has 0, 1" set.almtp type.cfg -o no.cfg
sed 's/2.0 2.1 1.9/0.0 0.0 0.0/' one.cfg >same.cfg
expect 2 "same.cfg: configuration 1: got a grade that is not finite, are two atoms in one place?" set.almtp same.cfg -o no.cfg
expect 2 "none.als: cannot be opened: No such file or directory" set.almtp two.cfg --selection none.als -o no.cfg
expect 2 "set.almtp: no line begins with '^', wanted the selection state of MLIP-2 (.als)" \
  set.almtp two.cfg --selection set.almtp -o no.cfg
expect 2 "liquidus grade: extended XYZ names elements, wanted --species with those of the potential in its order" set.almtp one.xyz
expect 2 "liquidus grade: no.data: LAMMPS data hold no forces, wanted .cfg or .xyz" set.almtp two.cfg -o no.data
expect 2 "liquidus grade: wanted POTENTIAL IN.cfg [-o OUT.cfg]" set.almtp
expect 2 "liquidus grade: -o wants a value" set.almtp two.cfg -o
expect 2 "liquidus grade: got option -x, wanted -o OUT.cfg, --selection STATE.als, --committee POTENTIAL or --species" set.almtp -x
expect 2 "liquidus grade: got 'c' after POTENTIAL and IN.cfg" a b c
expect 3 "liquidus grade: nowhere/o.cfg: cannot be written (No such file or directory)" set.almtp two.cfg -o nowhere/o.cfg
{ [ ! -e no.cfg ] && [ ! -e no.data ]; } || fail "nothing may be written when something is refused"
echo "grade: all as it should be"
