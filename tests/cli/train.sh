#!/bin/sh
# `liquidus train`: a potential from the numbers of a known one, what it prints, what it refuses.
set -u
cd "$SCRATCH" || exit 1
rm -rf ./*
truth=$SOURCE/tests/data/mtp/random/rand_2sp_08.almtp

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE STDERR FILE: `liquidus train FILE` ends with CODE and says exactly STDERR
expect() {
  "$LIQUIDUS" train "$3" >out 2>err
  code=$?
  [ $code = "$1" ] || { cat err; fail "train $3: exit code $code, wanted $1"; }
  [ "$(cat err)" = "$2" ] || { cat err; fail "train $3: wanted '$2'"; }
}

# shellcheck source=tests/support/structures.sh
. "$SOURCE/tests/support/structures.sh"
structures 30 5 >bare.cfg
structures 10 11 >others.cfg
mkdir sets
"$LIQUIDUS" potential eval "$truth" bare.cfg -o sets/data.cfg || fail "eval"
"$LIQUIDUS" potential eval "$truth" others.cfg -o sets/held.cfg || fail "eval"
rmse() { # rmse OF QUANTITY: a number of the table in `out`
  awk -v of="$1" -v what="$2" '$1 == of { here = 1; next } NF == 5 && $2 == "rmse" { here = 0 }
    here && $1 == what { print $3 }' out
}
small() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 < b + 0) }'; }

# --- from the truth: only the linear coefficients, which come back
cat >back.yaml <<EOF
train: { name: back, species: [Ca, Cl], data: sets/data.cfg, start: $truth, steps: 0, active_set: none }
EOF
"$LIQUIDUS" train back.yaml >out 2>err || { cat err; fail "train back.yaml"; }
small "$(rmse data force,)" 1e-6 || { cat out; fail "the truth has no errors"; }
"$LIQUIDUS" potential info back.almtp >said || fail "info"
grep -q "tag *liquidus .*30 configurations of 240 atoms" said || { cat said; fail "the file says how it was made"; }

# --- from random numbers, with a validation set; files stand beside the yaml file, not here
mkdir -p elsewhere
cat >sets/fit.yaml <<'EOF'
train:
  name: fitted
  species: [Ca, Cl]
  data: [data.cfg]
  validation: held.cfg
  level: 8
  radial_size: 6
  cutoff: 5 A
  starts: 2
  steps: 100
EOF
(cd elsewhere && "$LIQUIDUS" train ../sets/fit.yaml) >out 2>err || { cat err; fail "train fit.yaml"; }
grep -q '^fitted: level 8, ' out || { cat out; fail "what is fitted"; }
[ "$(grep -c '^start [12]: steps used up after 100 steps, loss ' out)" = 2 ] || { cat out; fail "two starts"; }
grep -q '^start 2 of 2: step 50, loss .*, validation ' err || { cat err; fail "progress"; }
grep -q '^active set: neighbourhood mode, ln|det| = ' out || fail "active set"
spread=$(awk '/AtomData/ { here = 1; next } /^ [A-Z]/ || /^END/ { here = 0 }
  here { for (k = NF - 3; k < NF; k++) { n++; s += $k * $k } } END { print 1e3 * sqrt(s / n) }' sets/data.cfg)
small "$(rmse data force,)" "$(awk -v s="$spread" 'BEGIN { print s / 4 }')" || { cat out; fail "forces are off by less than a quarter of their spread, $spread"; }
[ -n "$(rmse validation energy,)" ] || { cat out; fail "errors of the validation set"; }
[ -s sets/fitted.almtp ] || fail "the potential stands beside the file"
"$LIQUIDUS" grade sets/fitted.almtp sets/data.cfg | awk '$1 == "all" { exit !($3 <= 1.001001) }' || fail "its data are inside"
cp out one_rank

# --- several ranks: the same fits to round-off
mv sets/fitted.almtp first.almtp
"$MPIEXEC" -n 2 "$LIQUIDUS" train sets/fit.yaml >out 2>err || { cat err; fail "two ranks"; }
for f in one_rank out; do awk '/^start 1:/ { print $10 + 0 }' $f; done >losses
awk 'NR == 1 { a = $1 } END { exit !($1 > 0 && ($1 / a - 1) ^ 2 < 0.01) }' losses || { cat one_rank out; fail "ranks disagree"; }
[ "$(grep -c '^fitted: level' out)" = 1 ] || fail "one rank speaks"

# --- the same again, bit for bit
"$LIQUIDUS" train sets/fit.yaml >out 2>err || fail "once more"
cmp -s sets/fitted.almtp first.almtp || fail "a fit is not repeatable"

# --- errors of each species and of each tag
awk '/END_CFG/ { print " Feature   tag\t" (++n > 10 ? "dense" : "loose") } { print }' sets/data.cfg >sets/tagged.cfg
sed 's/data.cfg/tagged.cfg/; s/steps: 100/steps: 1/' sets/fit.yaml >sets/tagged.yaml
"$LIQUIDUS" train sets/tagged.yaml >out 2>err || { cat err; fail "tags"; }
[ "$(sed -n 's/^  force on \([A-Z][a-z]*\), meV.*/\1/p' out | tr '\n' ' ')" = "Ca Cl Ca Cl " ] || { cat out; fail "species of data and validation"; }
for tag in loose:10 dense:20; do
  grep -A1 "^data, tag ${tag%:*} " out | grep -q "energy.* ${tag#*:}\$" || { cat out; fail "tag $tag"; }
done

# --- raised to a higher level: nothing changes before anything is fitted
cat >raise.yaml <<EOF
train: { name: raised, species: [Ca, Cl], data: sets/data.cfg, start: $truth, level: 12, steps: 0, active_set: none }
EOF
"$LIQUIDUS" train raise.yaml >out 2>err || { cat err; fail "train raise.yaml"; }
small "$(rmse data force,)" 1e-6 || { cat out; fail "raised, it has no errors"; }
"$LIQUIDUS" potential info raised.almtp | grep -q "level *12" || fail "the level"
sed -i 's/level: 12/level: 6/' raise.yaml
expect 2 "$truth: got a potential of level 8, wanted a trained one of at most level 6, to be raised to it" raise.yaml

# --- killed between rounds: goes on, and ends with the same bits; what is kept for other data is not used
cat >long.yaml <<'EOF'
train: { name: long, species: [Ca, Cl], data: sets/data.cfg, validation: sets/held.cfg, level: 8, radial_size: 6, cutoff: 5 A, starts: 2, steps: 300, tolerance: 0 }
EOF
"$LIQUIDUS" train long.yaml >out 2>err || { cat err; fail "train long.yaml"; }
mv long.almtp whole.almtp
cp out whole.out
[ ! -e long.fit ] || fail "a fit that is done keeps nothing"
: >kept
for start in 1 2; do
  "$LIQUIDUS" train long.yaml >out 2>err &
  for _ in $(seq 3000); do [ -s long.fit ] && ! cmp -s long.fit kept && break; sleep 0.01; done
  kill -9 $!
  wait $! 2>/dev/null
  [ -s long.fit ] || { cat err; fail "nothing is kept of start $start"; }
  cp long.fit kept
done
"$LIQUIDUS" train long.yaml >out 2>err || { cat err; fail "going on"; }
grep -q '^start 2 goes on after step 100$' out || { cat out; fail "goes on"; }
[ "$(sed -n 's/, [0-9]* s$//; /^start 2:/p' out)" = "$(sed -n 's/, [0-9]* s$//; /^start 2:/p' whole.out)" ] || { cat out whole.out; fail "the report"; }
cmp -s long.almtp whole.almtp || fail "going on changes the potential"
head -c 500 kept >long.fit
"$LIQUIDUS" train long.yaml >out 2>err || fail "a file cut short"
{ ! grep -q 'goes on' out && cmp -s long.almtp whole.almtp; } || { cat out; fail "a file cut short is used"; }
cp kept long.fit
sed -i 's/steps: 300/steps: 110/' long.yaml
"$LIQUIDUS" train long.yaml >out 2>err || fail "other keys"
grep -q 'goes on' out && { cat out; fail "what was kept for other keys is used"; }

# --- refusals: all at once, with their places
cat >bad.yaml <<'EOF'
train:
  name: bad
  species: [Ca, Cl]
  levle: 8
  cutoff: 5
  starts: 0
EOF
expect 2 "bad.yaml:4:3: train.levle: got an unknown key, wanted one of name, species, data, validation, start, level, radial_size, cutoff, min_distance, weights, starts, seed, steps, tolerance, patience, active_set, active_learning
bad.yaml:5:11: train.cutoff: got '5' without a unit, wanted a length in A, Å, pm, nm, m, such as 10 A
bad.yaml:6:11: train.starts: got '0', wanted at least 1" bad.yaml
cat >together.yaml <<EOF
train:
  name: together
  species: [Ca]
  data: sets/data.cfg
  start: $truth
  level: 8
  cutoff: 3 A
  min_distance: 4 A
  patience: 2
  starts: 2
EOF
expect 2 "together.yaml:7:3: train.cutoff: got it beside \`start\`, wanted one of them: a fit goes on once from a potential, which keeps what it was made with
together.yaml:8:3: train.min_distance: got it beside \`start\`, wanted one of them: a fit goes on once from a potential, which keeps what it was made with
together.yaml:8:17: train.min_distance: got '4 A', wanted less than the cutoff, 3 A
together.yaml:9:13: train.patience: got '2' without \`validation\`, wanted both
together.yaml:10:3: train.starts: got it beside \`start\`, wanted one of them: a fit goes on once from a potential, which keeps what it was made with" together.yaml
echo 'train: { name: none, species: [Ca] }' >nodata.yaml
expect 2 "nodata.yaml:1:1: train.data: got neither it nor \`active_learning.seeds\`, wanted a file name or a list of them" nodata.yaml
echo 'train: { name: one, species: [Ca], data: [sets/data.cfg, absent.cfg, none.cfg] }' >files.yaml
: >none.cfg
"$LIQUIDUS" train files.yaml >out 2>err
{ [ $? = 2 ] && grep -q '^sets/data.cfg: configuration 1 and 29 others: got type 1, wanted 0 to 0, one for each of train.species$' err &&
  grep -q '^absent.cfg: cannot be opened' err && grep -q '^none.cfg:1: the file is empty' err; } || { cat err; fail "files"; }
echo 'train: { name: nothing, species: [Ca, Cl], data: bare.cfg }' >bare.yaml
"$LIQUIDUS" train bare.yaml >out 2>err
{ [ $? = 2 ] && [ "$(wc -l <err)" = 20 ] && grep -q '^bare.cfg: configuration 20: got neither energy nor forces nor stress, wanted one of them$' err; } || { cat err; fail "nothing to fit"; }
[ ! -e nothing.almtp ] || fail "nothing is written after a refusal"
echo 'fit: 1' >other.yaml
expect 2 "other.yaml:1:1: fit: got a key that has no place here, wanted \`train\` once" other.yaml
expect 2 "absent.yaml: cannot be read: No such file or directory" absent.yaml
expect 2 "liquidus train: wanted one file; see liquidus train --help" --quick
{ sed 's/^campaign:.*/&\ntrain: { name: x }/' "$SOURCE/campaigns/quickstart/campaign.yaml"; } >campaign.yaml
"$LIQUIDUS" plan campaign.yaml >out 2>err
grep -q '^campaign.yaml:[0-9]*:1: train: got it in a campaign, wanted it in a file of its own, for liquidus train$' err || { cat err; fail "train in a campaign"; }
