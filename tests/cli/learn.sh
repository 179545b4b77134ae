#!/bin/sh
# Active learning with a cheap oracle: the loop ends with nothing new, goes on wherever it was killed, and refuses what cannot be.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
# shellcheck source=tests/support/structures.sh
. "$SOURCE/tests/support/structures.sh"
need_proc
cd "$SCRATCH" || exit 1
rm -rf ./*
lj=$SOURCE/tests/support/lj_oracle.awk
structures 6 5 | awk '/^    [0-9]+ [01] / { $2 = 0 } { print }' >bare.cfg
awk -f "$lj" bare.cfg >data.cfg

write_case() { # write_case FOLDER [LINES OF active_learning]
  mkdir -p "$1" && cp data.cfg "$1" && cat >"$1/train.yaml" <<END
train:
  name: made
  species: [Ca]
  data: data.cfg
  level: 6
  radial_size: 6
  cutoff: 5 A
  min_distance: 1.9 A
  steps: 60
  active_learning:
    campaign: campaign.yaml
    labels: 3
    ${2:-rounds: 12}
    oracle: { type: files, command: "awk -f $lj in.cfg >out.cfg" }
END
  cat >"$1/campaign.yaml" <<'END'
campaign: explored
potential: { file: made.almtp, species: [Ca], extrapolation: { save: 1.2 } }
system:
  components: { Ca: { formula: Ca, density: 3 g/cm3 } }
  composition: { unit: mole fraction, Ca: 1 }
  atoms: 16
conditions: { temperature: 600 K, pressure: 3000 bar }
simulation: { timestep: 2 fs, equilibration: 3 ps, production: { npt: 1 ps, nve: 1 ps }, replicas: 2 }
properties: { density: {} }
END
}
from_seeds() { # from_seeds FOLDER: no data, but cells of the campaign
  sed -i '/^  data:/d; s/^    labels: 3/&\n    seeds: 6/' "$1/train.yaml"
}
learn() { "$LIQUIDUS" train train.yaml >out 2>err; } # in the folder of a case
count() { grep -c BEGIN_CFG made.learn/labels.cfg; }

# --- to its end
write_case whole
from_seeds whole
(
  cd whole || exit 1
  learn || { cat out err made.learn/log; fail "the loop"; }
  grep -q '^round [0-9]*: end: nothing new: made.almtp$' out || { cat out; fail "how it ended"; }
  [ "$(count)" -ge 8 ] || { cat out; fail "too few labels for a test"; }
  [ "$(grep -c 'event=labels' made.learn/log)" -ge 2 ] || { cat out; fail "too few rounds for a test"; }
  for word in ID point role EFS_by; do
    [ "$(grep -c "Feature   $word	" made.learn/labels.cfg)" = "$(count)" ] || { cat made.learn/labels.cfg; fail "labels say their $word"; }
  done
  [ "$(grep -c "Feature   ID	made-seed-[1-6]$" made.learn/labels.cfg)" = 6 ] || fail "six seeds"
  [ "$(sed -n 's/.*volume_factor	//p' made.learn/labels.cfg | sort -u | awk '$1 < 0.8 || $1 > 1.35 { bad = 1 } END { print NR, bad + 0 }')" = "6 0" ] || fail "volumes of the seeds"
  [ "$(grep -c 'Feature   MV_grade	' made.learn/labels.cfg)" = $(($(count) - 6)) ] || fail "grades of what was met"
  last=$(sed -n 's/^round \([0-9]*\): end: .*/\1/p' out)
  cmp -s made.almtp "made.learn/round-$last.almtp" || fail "the potential is that of the last round"
  "$LIQUIDUS" grade made.almtp made.learn/labels.cfg | awk '$1 == "all" { exit !($3 <= 1.001001) }' || fail "labels are inside now"
  cp made.almtp first.almtp
  learn || { cat err; fail "once more"; }
  cmp -s made.almtp first.almtp || fail "a loop at its end does something"
) || exit 1

# --- killed again and again: the same potential to the last bit
write_case killed
from_seeds killed
(
  cd killed || exit 1
  kills=0
  for pause in 0.3 0.5 0.7 0.9 1.1 1.3; do
    "$LIQUIDUS" train train.yaml >>out 2>>err &
    sleep $pause
    kill -9 $!
    wait $! 2>/dev/null
    [ $? = 137 ] || break # a fast machine is through by now
    kills=$((kills + 1))
  done
  [ $kills -ge 3 ] || { cat out; fail "killed $kills times only: a longer loop is needed"; }
  learn || { cat out err made.learn/log; fail "after kills"; }
  cmp -s made.almtp ../whole/made.almtp || { cat made.learn/log; fail "kills change the potential"; }
  [ "$(count)" = "$(grep -c BEGIN_CFG ../whole/made.learn/labels.cfg)" ] || fail "labels are lost or doubled"
) || exit 1

# --- told to stop; another one at the same place; rounds used up
write_case stopped 'rounds: 1'
(
  cd stopped || exit 1
  sed -i 's/npt: 1 ps/npt: 10 ps/' campaign.yaml # long enough for what follows
  "$LIQUIDUS" train train.yaml >out 2>err &
  for _ in $(seq 500); do grep -qs 'event=fit' made.learn/log && break; sleep 0.02; done
  "$LIQUIDUS" train train.yaml >second 2>&1
  { [ $? = 2 ] && grep -q 'made.learn: another run works here' second; } || { cat second; fail "two at one place"; }
  kill -TERM $!
  wait $!
  [ $? = 75 ] || { cat out err; fail "told to stop"; }
  grep -q '^Stopped; the same command goes on' err || { cat err; fail "what it says when stopped"; }
  learn
  { [ $? = 1 ] && grep -q '^round 1: end: rounds are used up' out && [ -s made.almtp ]; } || { cat out err; fail "rounds used up"; }
) || exit 1

# --- an oracle that never answers
write_case dumb
(
  cd dumb || exit 1
  sed -i 's/command: .*"/command: "false"/' train.yaml
  learn
  { [ $? = 1 ] && grep -q 'the oracle has no label for this round; see made.learn/oracle' err; } || { cat out err; fail "no labels"; }
) || exit 1

# --- refusals
write_case refused
(
  cd refused || exit 1
  sed -i 's/made.almtp, species: \[Ca\]/other.almtp, species: [Ca, Cl]/' campaign.yaml
  learn
  { [ $? = 2 ] && grep -q '^campaign.yaml:2:20: potential.file: got other.almtp, wanted what the fit writes, made.almtp$' err &&
    grep -q '^campaign.yaml:2:42: potential.species: got other elements or another order, wanted those of .train.species.$' err; } || { cat err; fail "a campaign of another potential"; }
  sed -i 's/  steps: 60/&\n  active_set: none/; s/campaign: campaign.yaml/campaign: absent.yaml/' train.yaml
  learn
  { [ $? = 2 ] && grep -q "^train.yaml:10:15: train.active_set: got 'none' beside \`active_learning\`" err; } || { cat err; fail "no active set"; }
  sed -i '/active_set/d' train.yaml
  learn
  { [ $? = 2 ] && grep -q '^absent.yaml: cannot be read' err; } || { cat err; fail "no campaign"; }
  [ ! -e made.learn ] || fail "nothing is made after a refusal"
  cd ../whole || exit 1
  "$MPIEXEC" -n 2 "$LIQUIDUS" train train.yaml >out 2>err
  { [ $? = 2 ] && grep -q 'active learning starts its own ranks' err; } || { cat err; fail "under mpiexec"; }
  "$LIQUIDUS" train train.yaml --round x 2>err
  { [ $? = 2 ] && grep -q "round is 'x', wanted a number from 0" err; } || { cat err; fail "--round x"; }
  cd ../stopped || exit 1
  sed -i '/active_learning/,$d' train.yaml
  "$LIQUIDUS" train train.yaml --round 0 2>err
  { [ $? = 2 ] && grep -q 'round is of active learning, which train.yaml has not' err; } || { cat err; fail "--round without a loop"; }
) || exit 1
