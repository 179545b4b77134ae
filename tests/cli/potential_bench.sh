#!/bin/sh
# `liquidus potential bench`: what it prints, that its JSON is JSON and its numbers fit together, what
# it refuses and with which words.  No time is judged: the machine may be busy.  The argument is the
# list of levels that were built with code of their own, "8,10,12".
set -u
cd "$SCRATCH" || exit 1
rm -rf ./*
random=$SOURCE/tests/data/mtp/random

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE STDERR ARGUMENTS...: `potential bench ARGUMENTS` ends with CODE and says exactly STDERR
expect() {
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" potential bench "$@" >out 2>err
  code=$?
  [ $code = "$want" ] || { cat err; fail "bench $*: exit code $code, wanted $want"; }
  [ "$(cat err)" = "$text" ] || { cat err; fail "bench $*: wanted '$text'"; }
}

# number NAME: its value in out, JSON with one pair a line
number() {
  sed -n "s/^ \"$1\": \(.*[^,]\),*\$/\1/p" out
}

# holds EXPRESSION: awk's opinion of it
holds() {
  awk "BEGIN { exit !($1) }" || { cat out; fail "not so: $1"; }
}

# fits: the numbers of out are possible and fit together
fits() {
  python3 -m json.tool out >/dev/null || { cat out; fail "no JSON"; }
  for key in ns_per_atom neighbours kernel floor_ns_per_atom ratio; do
    [ -n "$(number $key)" ] || { cat out; fail "no key $key"; }
  done
  for key in ns_per_atom ns_per_atom_energies ns_per_atom_atom_virial peak_multiply_adds_per_second; do
    holds "$(number $key) > 0"
  done
  holds "$(number rounds) >= 20 && $(number core) >= 0 && $(number core_share) > 0"
}

# floor: ... and the floor is what it should be
floor() {
  ratio="$(number ratio) * $(number floor_ns_per_atom) / $(number ns_per_atom) - 1"
  holds "($ratio) ^ 2 < 1e-14"
  rate="$(number floor_ns_per_atom) * $(number peak_multiply_adds_per_second) / 1e9 / $(number operations_per_atom) - 1"
  holds "($rate) ^ 2 < 1e-14"
}

# --- the benchmark: 864 atoms; 137 multiply-adds a neighbour and 33 an atom at level 8
expect 0 "" "$random/rand_2sp_08.almtp" --json
fits
floor
holds "$(number atoms) == 864 && $(number species) == 2 && $(number level) == 8 && $(number skin) == 1"
holds "$(number neighbours) > 45.5 && $(number neighbours) < 47 && $(number list_entries) > 74 && $(number list_entries) < 78"
holds "($(number operations_per_atom) - 137 * $(number neighbours) - 33) ^ 2 < 1e-9"
case ",$1," in
*,8,*) words="generated code" ;;
*) words=tables ;;
esac
[ "$(number generated)" = "$([ "$words" = tables ] && echo false || echo true)" ] || fail "code of its own for level 8"

# --- every kernel that runs here, with and without code of its own; another number of atoms
for kernel in portable avx2 avx512; do
  "$LIQUIDUS" potential bench "$random/rand_3sp_12.almtp" --json --atoms 50 --kernel $kernel --tables >out 2>err
  code=$?
  if [ $code = 2 ]; then
    grep -q "^liquidus potential bench: --kernel is '$kernel', which this processor cannot run; it can run auto, reference, portable" err ||
      { cat err; fail "kernel $kernel"; }
    continue
  fi
  [ $code = 0 ] || { cat err; fail "kernel $kernel"; }
  fits
  floor
  [ "$(number kernel)" = "\"$kernel\"" ] || fail "the kernel asked for"
  [ "$(number generated)" = false ] || fail "--tables"
  holds "$(number atoms) == 50 && $(number species) == 3"
done
expect 0 "" --kernel reference "$random/rand_2sp_08.almtp" --atoms 1 --json
fits
[ "$(number floor_ns_per_atom) $(number ratio) $(number kernel)" = 'null null "reference"' ] || fail "no floor of the reference kernel"
sed 's/^alpha_scalar_moments = 9/alpha_scalar_moments = 8/; s/^\(alpha_moment_mapping.*\), [0-9]*}/\1}/; s/^\(moment_coeffs.*\),[^,]*}/\1}/' \
  "$random/rand_2sp_08.almtp" >other.mtp
expect 0 "" other.mtp --atoms 1 --json
fits
[ "$(number level)" = null ] || { cat out; fail "tables of no standard level have the level null"; }

# --- in words
expect 0 "" "$random/rand_2sp_08.almtp" --atoms 7 --kernel portable
awk -v file="$random/rand_2sp_08.almtp" -v words="$words" '
  NR == 1 && $0 == file { n++ }
  /^  structure        7 atoms, 2 species, cut-off 5 Å, skin 1 Å$/ { n++ }
  /^  neighbours       [0-9.]+ an atom closer than the cut-off, [0-9.]+ in the list$/ { n++ }
  $0 == "  kernel           portable, 2 lanes, " words { n++ }
  /^  forces           [0-9.]+ ns an atom and step$/ { n++ }
  /^                   [0-9.]+ ns with energies and virial, [-+][0-9.]+ %$/ { n++ }
  /^                   [0-9.]+ ns with the virial of each atom, [-+][0-9.]+ %$/ { n++ }
  /^  peak             [0-9.]+ thousand million multiply-adds a second$/ { n++ }
  /^  operations       [0-9]+ multiply-adds an atom, counted from the tables$/ { n++ }
  /^  floor            [0-9.]+ ns an atom, operations at the peak$/ { n++ }
  /^  ratio            [0-9.]+: forces are so many times the floor$/ { n++ }
  /^  processor        .*, core [0-9]+$/ { n++ }
  /^  rounds           [0-9]+, each number is the smallest; [0-9]+ % of the core.s time were ours, / { n++ }
  END { exit n != 13 || NR != 13 }' out || { cat out; fail "the report"; }

# --- refusals
expect 2 "none.mtp: cannot be opened: No such file or directory" none.mtp
sed '/_coeffs/d' "$random/rand_2sp_08.almtp" | sed '/^\t*{.*e[-+]/d; /^\t*[01]-[01]$/d' >untrained.mtp
expect 2 "untrained.mtp: the potential has no coefficients (untrained), wanted a trained one" untrained.mtp
head -c 300 "$random/rand_2sp_08.almtp" >cut.mtp
"$LIQUIDUS" potential bench cut.mtp >out 2>err
[ $? = 2 ] || fail "a truncated potential"
grep -q '^cut.mtp:[0-9]*' err || { cat err; fail "a truncated potential is named"; }
expect 2 "liquidus potential bench: wanted a potential (.mtp, .almtp)"
expect 2 "liquidus potential bench: wanted a potential (.mtp, .almtp)" --json
expect 2 "liquidus potential bench: got 'b.mtp' after FILE" a.mtp b.mtp
expect 2 "liquidus potential bench: got option -x, wanted --atoms, --kernel, --tables or --json" a.mtp -x
expect 2 "liquidus potential bench: --kernel is 'sse', wanted one of auto, reference, portable, avx2, avx512" a.mtp --kernel sse
expect 2 "liquidus potential bench: --kernel wants a value" a.mtp --kernel
expect 2 "liquidus potential bench: --atoms wants a value" a.mtp --atoms
for n in 0 -3 '' x 7x 1e3 10000001 99999999999999999999; do
  expect 2 "liquidus potential bench: --atoms is '$n', wanted a whole number from 1 to 10000000" a.mtp --atoms "$n"
done
echo "potential bench: all as it should be"
