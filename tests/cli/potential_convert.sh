#!/bin/sh
# `liquidus potential convert`, and `eval` on its files: the same numbers after any way round, what is refused and with
# which words, inputs never touched.
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
  [ ! -s out ] || fail "potential $*: nothing belongs to standard output"
}
note() { # note FILE TEXT
  echo "liquidus potential convert: note: $1: $2"
}
same_numbers() { # same_numbers A B: words are equal, numbers to 1e-11 of 1 + their size (sums in another order)
  tr -s '[:blank:]' '\n' <"$1" >a.words
  tr -s '[:blank:]' '\n' <"$2" >b.words
  paste a.words b.words | awk 'NF == 0 { next } $1 == $2 { n++; next }
    $1 !~ /^-?[0-9]/ || $2 !~ /^-?[0-9]/ { print; exit 1 }
    { d = $1 - $2; s = 1 + ($2 < 0 ? -$2 : $2); if (!(d <= 1e-11 * s && d >= -1e-11 * s)) { print; exit 1 } }
    END { if (n == 0) exit 1 }' >&2
}
refused() { # refused TEXT ARGUMENTS...: exit code 2, one line
  text=$1
  shift
  expect 2 "liquidus potential convert: $text" convert "$@"
}

cat >one.cfg <<'END'
BEGIN_CFG
 Size
    3
 Supercell
    0.0 4.2 0.1
    4.0 0.1 0.0
    0.3 0.0 -3.9
 AtomData:  id type cartes_x cartes_y cartes_z fx fy fz charge nbh_grades
    1 0 0.0 0.0 0.1 1e-300 0.3333333333333333 -9 0.25 1
    2 1 2.0 2.1 1.9 9 9 9 -0.25 2
    3 2 1.0 3.1 0.9 0 -0 9 0.1 3
 Energy
    -99.125
 PlusStress:  xx yy zz yz xz xy
    1 2 3 4 5 0.1
 Feature   EFS_by	VASP
 Feature   a\_key	line 1
 Feature   a\_key	line 2
END_CFG
END
sed 's/2.0 2.1 1.9/1.9 2.2 2.1/; s/line 2/second/' one.cfg | cat one.cfg - >two.cfg
sha256sum one.cfg two.cfg >sums

# --- configurations: text, binary, XYZ and back, to the last digit
grade=$(note bin.cfg "grades per atom are left out, binary .cfg have no place for them")
expect 0 "" convert two.cfg text.cfg
expect 0 "" convert text.cfg again.cfg
cmp -s text.cfg again.cfg || fail "text to text"
expect 0 "$grade" convert two.cfg bin.cfg --binary
[ "$(head -c 1 bin.cfg)" = n ] || fail "a binary file begins with n"
expect 0 "" convert bin.cfg again.cfg
sed 's/  [0-9.e+]*$/&/; /AtomData/ s/ *nbh_grades//' text.cfg |
  awk '/AtomData/ { a = 1; print; next } /Energy/ { a = 0 } a { sub(/  [^ ]*$/, "") } { print }' >no_grades.cfg
diff no_grades.cfg again.cfg >&2 || fail "text to binary to text"
expect 0 "" convert again.cfg bin2.cfg --binary
cmp -s bin.cfg bin2.cfg || fail "binary to text to binary"
expect 0 "" convert two.cfg two.xyz --species Ca,K,Cl
[ "$(grep -c '^Ca ' two.xyz) $(grep -c '^Cl ' two.xyz)" = "2 2" ] || fail "elements in XYZ"
expect 0 "" convert two.xyz again.cfg --species Ca,K,Cl
cmp -s text.cfg again.cfg || fail "text to XYZ to text"
expect 0 "" convert two.xyz other.cfg --species Cl,Ca,K
[ "$(awk '/AtomData/ { a = 1; next } /Energy/ { exit } a { printf "%s ", $2 }' other.cfg)" = "1 2 0 " ] ||
  fail "types are places in --species"
expect 0 "" convert bin.cfg bin.EXTXYZ --frame 2 --species Ca,K,Cl
[ "$(head -n 1 bin.EXTXYZ) $(wc -l <bin.EXTXYZ) $(grep -c second bin.EXTXYZ)" = "3 5 1" ] || fail "one frame of a binary file"

# --- numbers of types
expect 0 "" convert two.cfg mapped.cfg --type-map 0:20,1:17,2:0
sed 's/^    1 0 /    1 20 /; s/^    2 1 /    2 17 /; s/^    3 2 /    3 0 /' text.cfg | cmp -s - mapped.cfg || fail "--type-map"
expect 0 "" convert mapped.cfg back.cfg --type-map 20:0,17:1,0:2
cmp -s back.cfg text.cfg || fail "--type-map and back"
expect 0 "" convert mapped.cfg mapped.xyz --type-map 20:0,17:1,0:2 --species Ca,K,Cl
cmp -s mapped.xyz two.xyz || fail "new types, then elements"
expect 0 "" convert two.xyz again.cfg --type-map 0:20,1:17,2:0 --species Ca,K,Cl
cmp -s mapped.cfg again.cfg || fail "elements, then new types"
expect 2 "two.cfg: configuration 1: atom 2: --type-map does not say what type 1 becomes
two.cfg: configuration 2: atom 2: --type-map does not say what type 1 becomes" convert two.cfg no.cfg --type-map 0:1,2:0
expect 2 "two.cfg: configuration 1: atom 3: type 2, but --species names 2
two.cfg: configuration 2: atom 3: type 2, but --species names 2" convert two.cfg no.xyz --species Ca,K
expect 2 "two.cfg: configuration 2: atom 3: type 2, but --species names 2" convert two.cfg no.xyz --species Ca,K --frame 2
expect 2 "two.xyz:3: atom 1: got the element 'Ca', which is not among the species asked for
two.xyz:8: atom 1: got the element 'Ca', which is not among the species asked for" convert two.xyz no.cfg --species K,Cl

# --- LAMMPS data: turned, the same for a potential
lammps=$(note one.data "only cell, types, charges and positions are written, LAMMPS data hold no energies, forces, stresses or features
$(note one.data "the structure is turned, LAMMPS wants a lower triangular cell")")
expect 0 "$lammps" convert one.cfg one.data --species Ca,K,Cl
[ "$(grep -cx -e '3 atom types' -e '3 35.45 # Cl' -e 'Atoms # charge' one.data)" = 3 ] || fail "LAMMPS data"
expect 0 "" convert one.data from.cfg --species Ca,K,Cl
expect 0 "" eval "$random/rand_3sp_08.almtp" one.cfg -o e1.cfg
expect 0 "" eval "$random/rand_3sp_08.almtp" from.cfg -o e2.cfg
expect 0 "" eval "$random/rand_3sp_08.almtp" one.data -o e3.cfg
for e in e2 e3; do
  for field in Energy site; do
    for f in e1 $e; do
      if [ $field = Energy ]; then
        awk '/Energy/ { getline; print }' "$f.cfg" >"$f.values"
      else
        awk '/AtomData/ { for (k in head) delete head[k]; for (k = 2; k <= NF; k++) if ($k == "site_en") c = k - 1; a = 1; next }
          /Energy/ { a = 0 } a { print $c }' "$f.cfg" >"$f.values"
      fi
    done
    paste e1.values $e.values | awk '{ d = $1 - $2; if (d < 0) d = -d; if (!(d <= 1e-11 * ($1 < 0 ? -$1 : $1))) bad++; n++ }
      END { exit bad > 0 || n == 0 }' || fail "$field of the turned structure ($e)"
  done
done
expect 0 "" convert one.data again.lmp --species Ca,K,Cl
cmp -s one.data again.lmp || fail "LAMMPS data to LAMMPS data"
expect 0 "" convert one.data numbers.lmp
grep -q Masses numbers.lmp && fail "no species, no masses"
expect 0 "" convert numbers.lmp from2.cfg
cmp -s from.cfg from2.cfg || fail "types by number"
refused "two.cfg: 2 configurations, LAMMPS data hold one: wanted --frame N" two.cfg no.data
expect 0 "$(echo "$lammps" | sed 's/one.data/two.data/')" convert two.cfg two.data --frame 1 --species Ca,K,Cl
cmp -s one.data two.data || fail "--frame 1"
sed '/Supercell/,+3 d' one.cfg >cluster.cfg
refused "no.data: configuration 1: 0 lattice vectors, wanted three: LAMMPS has no other cells" cluster.cfg no.data
refused "no.data: configuration 1: Species Xx has no known mass" one.cfg no.data --species Ca,K,Xx
sed 's/EFS_by/energy/' one.cfg >key.cfg
refused "no.xyz: configuration 1: Feature 'energy' has a name that means something in extended XYZ" key.cfg no.xyz --species Ca,K,Cl

# --- eval on XYZ: elements of the potential's species in its order
sed 's/^\([[:blank:]]*\)0-0/\117-17/; s/^\([[:blank:]]*\)0-1/\117-20/; s/^\([[:blank:]]*\)1-0/\120-17/; s/^\([[:blank:]]*\)1-1/\120-20/' \
  "$random/rand_2sp_10.almtp" >labels.almtp
awk '/AtomData/ { a = 1 } /Energy/ { a = 0 } a && $1 == 3 { $2 = 0 } { print }' one.cfg >pair.cfg
expect 0 "" eval "$random/rand_2sp_10.almtp" pair.cfg -o want.cfg
expect 0 "" convert want.cfg want.xyz --species Ca,Cu
expect 0 "" convert pair.cfg pair.xyz --species Ca,Cu
expect 0 "" convert pair.cfg pair_bin.cfg --type-map 0:0,1:1
expect 0 "" eval "$random/rand_2sp_10.almtp" pair_bin.cfg -o got.cfg
cmp -s want.cfg got.cfg || fail "eval of a converted file"
expect 0 "" eval "$random/rand_2sp_10.almtp" pair.xyz -o got.xyz --species Ca,Cu
cmp -s want.xyz got.xyz || fail "eval of XYZ to XYZ"
expect 0 "" eval labels.almtp pair.xyz -o got.xyz --species Ca,Cu
cmp -s want.xyz got.xyz || fail "eval of XYZ with labels"
expect 0 "" eval labels.almtp pair.xyz -o got.cfg --species Ca,Cu
expect 0 "" convert got.cfg back.cfg --type-map 17:0,20:1
cmp -s want.cfg back.cfg || fail "eval of XYZ gives the potential's own numbers"
expect 2 "labels.almtp: the potential has 2 species, --species names 3" eval labels.almtp pair.xyz -o no.cfg --species Ca,Cu,K
expect 2 "liquidus potential eval: extended XYZ names elements, wanted --species with those of the potential in its order" \
  eval labels.almtp pair.xyz -o no.cfg
expect 2 "liquidus potential eval: no.lmp: LAMMPS data hold no forces, wanted .cfg or .xyz" eval labels.almtp pair.cfg -o no.lmp
expect 2 "one.data: configuration 1: atom 3: species 3, the potential has 2" eval labels.almtp one.data -o no.cfg

# --- potentials
expect 0 "" convert "$random/rand_2sp_10.almtp" a.mtp
expect 0 "" convert a.mtp a.almtp
expect 0 "" convert a.almtp b.mtp
cmp -s a.mtp b.mtp || fail ".mtp to .almtp and back"
expect 0 "" eval a.mtp pair.cfg -o got.cfg
cmp -s want.cfg got.cfg || fail "the .mtp says the same"
expect 0 "" eval a.almtp pair.cfg -o got.cfg
cmp -s want.cfg got.cfg || fail "the .almtp says the same"
refused "labels.almtp: type 17 cannot be in no.mtp, wanted a --type-map 17:NEW,... to numbers from 0 to 1" labels.almtp no.mtp
expect 0 "" convert labels.almtp c.mtp --type-map 17:0,20:1
cmp -s a.mtp c.mtp || fail "labels to positions"
expect 0 "" convert labels.almtp swapped.mtp --type-map 17:1,20:0
cmp -s a.mtp swapped.mtp && fail "species have changed places"
expect 0 "" convert pair.cfg swapped.cfg --type-map 0:1,1:0
expect 0 "" eval swapped.mtp swapped.cfg -o got.cfg
expect 0 "" convert got.cfg back.cfg --type-map 1:0,0:1
same_numbers want.cfg back.cfg || fail "changed places on both sides: the same numbers"
expect 0 "" convert a.mtp d.almtp --type-map 0:17,1:20
expect 0 "" convert labels.almtp e.almtp
cmp -s d.almtp e.almtp || fail "positions to labels"
sed 's/17-17/1-1/; s/17-20/1-0/; s/20-17/0-1/; s/20-20/0-0/' labels.almtp >reversed.almtp
expect 0 "" convert reversed.almtp f.mtp
cmp -s swapped.mtp f.mtp || fail "labels 1, 0 keep their meaning"
refused "labels.almtp: --type-map does not say what type 20 becomes" labels.almtp no.mtp --type-map 17:0
refused "a.mtp: type 100 cannot be in no.almtp, wanted a --type-map 1:NEW,... to numbers from 0 to 99" a.mtp no.almtp --type-map 0:1,1:100
# a selection state of n = 3 coefficients
state=$SOURCE/tests/fuzz/corpus/fuzz_mtp/state.almtp
expect 0 "" convert "$state" state.almtp
expect 0 "" convert state.almtp state2.almtp
cmp -s state.almtp state2.almtp || fail "a selection state is carried"
expect 0 "$(note state.mtp "the selection state is left out, .mtp has none")" convert state.almtp state.mtp --type-map 17:0
grep -q MVS state.mtp && fail "no state in .mtp"
refused "state.almtp: the selection state holds configurations with the old types, wanted no --type-map (or a .mtp between, which has no state)" \
  state.almtp no.almtp --type-map 17:6

# --- what is refused
refused "wanted IN OUT" a.mtp
refused "got 'c' after IN and OUT" a b c
refused "got option -o, wanted --species, --type-map, --frame or --binary" a.mtp -o b.almtp
refused "--species wants a value" one.cfg no.xyz --species
refused "--species is 'Ca,,K', wanted different element symbols such as Ca,K,Cl" one.cfg no.xyz --species Ca,,K
refused "--species is 'Ca,Ca', wanted different element symbols such as Ca,K,Cl" one.cfg no.xyz --species Ca,Ca
refused "--species is 'K1', wanted different element symbols such as Ca,K,Cl" one.cfg no.xyz --species K1
refused "--frame is '0', wanted 1, 2, 3 ..." one.cfg no.cfg --frame 0
refused "--frame is '2x', wanted 1, 2, 3 ..." one.cfg no.cfg --frame 2x
refused "two.cfg: --frame 3, but there are 2" two.cfg no.cfg --frame 3
for map in 0 0: "0:1," 0:1,0:2 0:1,2:1 -1:0 0:99999999999 a:b; do
  refused "--type-map is '$map', wanted OLD:NEW,..., each number once a side" one.cfg no.cfg --type-map $map
done
refused "one.cfg to no.mtp: a potential and configurations cannot become each other" one.cfg no.mtp
refused "a.mtp to no.almtp: --species, --frame and --binary are for configurations" a.mtp no.almtp --binary
refused "one.cfg to no.xyz: --binary is for an OUT that ends in .cfg" one.cfg no.xyz --binary --species Ca,K,Cl
refused "one.cfg to no.xyz: extended XYZ names elements, wanted --species Ca,K,..." one.cfg no.xyz
refused "one.cfg to no.cfg: .cfg names no elements, wanted no --species" one.cfg no.cfg --species Ca,K,Cl
refused "two.xyz to no.data: --type-map needs a .cfg on one side, wanted --species alone" two.xyz no.data --type-map 0:1 --species Ca,K,Cl
refused "one.txt: unknown kind of file, wanted a name that ends in .mtp, .almtp, .cfg, .xyz, .extxyz, .data or .lmp" one.txt no.cfg
expect 2 "none.cfg: cannot be opened: No such file or directory" convert none.cfg no.cfg
expect 2 "none.mtp: cannot be opened: No such file or directory" convert none.mtp no.almtp
awk '/-99.125/ && n++ { $1 = "x" } { print }' two.cfg >bad.cfg
expect 2 "bad.cfg:32: Energy is 'x', wanted a finite number of eV" convert bad.cfg no.cfg
head -c 100 bin.cfg >cut.cfg
expect 2 "cut.cfg: byte 79: positions: 21 bytes are left, wanted 9 times 8" convert cut.cfg no.xyz --species Ca,K,Cl
refused "./one.cfg would overwrite the input" one.cfg ./one.cfg
ln -s one.cfg link.cfg
refused "link.cfg would overwrite the input" one.cfg link.cfg --binary
cp a.mtp g.mtp && ln g.mtp hard.almtp
refused "hard.almtp would overwrite the input" g.mtp hard.almtp
expect 3 "liquidus potential convert: nowhere/o.cfg: cannot be written (No such file or directory)" convert one.cfg nowhere/o.cfg
expect 3 "liquidus potential convert: nowhere/o.mtp: cannot be written (No such file or directory)" convert a.mtp nowhere/o.mtp
if [ -c /dev/full ]; then
  ln -s /dev/full full.cfg
  ln -s /dev/full full.mtp
  expect 3 "liquidus potential convert: full.cfg: cannot be written (No space left on device)" convert one.cfg full.cfg
  expect 3 "liquidus potential convert: full.mtp: cannot be written (No space left on device)" convert a.mtp full.mtp
fi
[ "$(echo no.*)" = 'no.*' ] || fail "nothing may be written when something is refused: $(echo no.*)"
sha256sum -c --quiet sums || fail "inputs are never changed"
echo "potential convert: all as it should be"
