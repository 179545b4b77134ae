#!/bin/sh
# `liquidus grade --committee`: how far potentials disagree about forces, against what they say one by
# one; beside grades and without an active set; what is refused and with which words.
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

cat >one.cfg <<'END'
BEGIN_CFG
 Size
    4
 Supercell
    5.0 0.1 0.0
    0.0 5.2 0.0
    0.3 0.0 4.9
 AtomData:  id type cartes_x cartes_y cartes_z
    1 0 0.0 0.0 0.0
    2 1 2.0 2.1 1.9
    3 0 2.4 0.1 2.6
    4 1 0.2 2.6 2.4
END_CFG
END
sed 's/2.0 2.1 1.9/1.7 2.3 2.2/' one.cfg | cat one.cfg - >two.cfg
a=$random/rand_2sp_08.almtp b=$random/rand_2sp_10.almtp

# forces POTENTIAL: "configuration fx fy fz" of each atom of two.cfg
forces() {
  "$LIQUIDUS" potential eval "$1" two.cfg -o forces.cfg >log 2>&1 || { cat log; fail "eval $1"; }
  awk '/BEGIN_CFG/ { n++ } /AtomData/ { a = 1; for (k = 2; k <= NF; k++) if ($k == "fx") f = k - 1; next } /^ *[A-Z]/ { a = 0 }
    a { print n, $f, $(f + 1), $(f + 2) }' forces.cfg
}

# --- two potentials of different levels, neither with an active set
expect 0 "" "$a" two.cfg --committee "$b" -o graded.cfg
forces "$a" >forces.a
forces "$b" >forces.b
[ "$(wc -l <forces.a)" = 8 ] || fail "forces of eight atoms"
# of two members the deviation of an atom is half the length of the difference
paste forces.a forces.b | awk '{ s = (($2 - $6)^2 + ($3 - $7)^2 + ($4 - $8)^2) / 4; sum[$1] += s; total += s
    if (s > max[$1]) max[$1] = s; if (s > most) most = s }
  END { print "two.cfg: disagreement of 2 potentials about forces, eV/A"
    printf "%13s %8s %16s %16s\n", "configuration", "atoms", "largest", "rms"
    for (c = 1; c <= 2; c++) printf "%13d %8d %16.6f %16.6f\n", c, 4, sqrt(max[c]), sqrt(sum[c] / 4)
    printf "%13s %8d %16.6f %16.6f\n", "all", 8, sqrt(most), sqrt(total / 8) }' >want
diff out want || fail "half the difference of two"
awk 'NR > 2 && $1 != "all" && !($3 > 0.001 && $4 < $3) { bad = 1 } END { exit bad }' out || fail "the potentials disagree"
awk '$1 == 1 || $1 == 2 { print $3; print $4 }' want >numbers
awk '/force_disagreement/ { print $3 }' graded.cfg | diff - numbers || fail "features of the configurations"

# --- three: two that agree and one; s^2 = 2/9 of the square of the difference
expect 0 "" "$a" two.cfg --committee "$b" --committee "$a"
grep -q 'disagreement of 3 potentials' out || fail "three potentials"
awk 'NR == FNR { if ($1 == "all") two = $4; next } $1 == "all" { q = $4 / two * sqrt(9 / 8); exit !(q > 0.99999 && q < 1.00001) }' want out ||
  { cat out; fail "three potentials, two of them the same"; }
expect 0 "" "$a" two.cfg --committee "$a"
[ "$(awk 'NR > 2 { print $3, $4 }' out | sort -u)" = "0.000000 0.000000" ] || { cat out; fail "one that agrees with itself"; }

# --- beside grades
"$LIQUIDUS" select "$a" one.cfg --save set.almtp >log 2>&1 || { cat log; fail "select"; }
expect 0 "" set.almtp two.cfg --committee "$b" -o graded.cfg
[ "$(wc -l <out)" = 10 ] || { cat out; fail "two tables"; }
tail -5 out | diff - want || fail "the same disagreement with an active set"
head -1 out | grep -q 'grades in neighbourhood mode' || fail "grades stand first"
{ grep -q MV_grade graded.cfg && grep -q force_disagreement graded.cfg; } || fail "both in the configurations"

# --- refusals
expect 2 "$random/rand_3sp_08.almtp: the potential has 3 species, $a has 2" "$a" two.cfg --committee "$random/rand_3sp_08.almtp" -o no.cfg
expect 2 "none.mtp: cannot be opened: No such file or directory" "$a" two.cfg --committee none.mtp -o no.cfg
sed '/^species_coeffs/d; /^moment_coeffs/d; /radial_coeffs/,/alpha_moments_count/{/alpha_moments_count/!d}' "$a" >untrained.almtp
expect 2 "untrained.almtp: the potential has no coefficients (untrained)" "$a" two.cfg --committee untrained.almtp -o no.cfg
sed 's/2.0 2.1 1.9/0.0 0.0 0.0/' one.cfg >same.cfg
expect 2 "same.cfg: configuration 1: got forces that are not finite, are two atoms in one place?" "$a" same.cfg --committee "$b" -o no.cfg
cp "$b" other.almtp
expect 2 "liquidus grade: other.almtp would overwrite an input file" "$a" two.cfg --committee other.almtp -o other.almtp
expect 2 "liquidus grade: --committee wants a value" "$a" two.cfg --committee
set --
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do set -- "$@" --committee "$b"; done
expect 2 "liquidus grade: got more than 16 potentials" "$a" two.cfg "$@"
[ ! -e no.cfg ] || fail "nothing may be written when something is refused"
echo "grade --committee: all as it should be"
