#!/bin/sh
# A campaign watches how far its potential extrapolates: replicas end, values are flagged, or it says that it cannot.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

variant() { # variant NAME LIMITS [POTENTIAL]: the small campaign with one replica and these limits
  write_campaign "$1.yaml" "$1"
  sed -i -e 's/replicas: 2/replicas: 1/' -e "s/species: \[Ca, K, Cl\]/&, extrapolation: { $2 }/" "$1.yaml"
  [ $# -lt 3 ] || sed -i "s|file: [^,]*|file: $3|" "$1.yaml"
}
run() { # run CODE NAME [OPTION...]
  want=$1 name=$2
  shift 2
  "$LIQUIDUS" run "$name.yaml" --quiet "$@" >"$name.out" 2>&1
  code=$?
  [ $code = "$want" ] || { cat "$name.out"; fail "$name: exit code $code, wanted $want"; }
}
ask() { # ask NAME EXPRESSION WHAT: true of the results, f: the file, p: the list of points
  "$python" -c "import h5py, numpy as np
f = h5py.File('$1.run/results.h5', 'r'); p = f['point']
assert $2, (p['grade_max'][:], p['reason'][:], p['detail'][:])" || fail "$1: $3"
}

# Nothing that ever lived has a grade below 0.01: every point ends as soon as the start is over.
variant absurd 'break: 0.01'
run 1 absurd
# (but one may have ended in its start for another reason)
ask absurd "(p['reason'][:] == -7).any() and (p['state'][:] == 3).all()" "no point ended because of its grade"
ask absurd "all(b'has extrapolation grade' in d.tobytes() for r, d in zip(p['reason'][:], p['detail'][:]) if r == -7)" \
  "the reason is not said in words"
ask absurd "np.isnan(p['grade_max'][:]).all() and np.isnan(f['density'][:]).all()" "a failed point has numbers"
grep -qE 'failed: (Ca|K|Cl) [0-9]+ has extrapolation grade [0-9.]+ at step [0-9]+ \(limit 0.01\)' absurd.out ||
  { cat absurd.out; fail "the table does not say why"; }

# The limits as they are: healthy points, whose grades are known and within the training.
variant healthy 'save: 2.1, break: 11'
run 0 healthy
ask healthy "all((p['grade_max'][:] > 0.1) & (p['grade_max'][:] < 2.1))" "grades of a healthy liquid"
ask healthy "not (f['density_flag'][:] & 1024).any() and 'extrapolating' in f['density_flag'].attrs['flag_meanings'].decode().split()[10]" \
  "healthy values are flagged"
ask healthy "len(f.attrs['kernel']) > 4" "the kernel is not in the file"
grep -q 'extrapolation' healthy.out && fail "a healthy table speaks of extrapolation"
grep -qE 'event=start .* kernel=[a-z0-9/]+ grade_period=[0-9]+$' healthy.run/log || fail "the log does not name the kernel"

# The other kernel of every processor, the flag, and nothing ended.
variant flagged 'save: 0.05, break: 0'
run 0 flagged --kernel portable
ask flagged "(f['density_flag'][:] & 1024).all() and (f['potential_energy_flag'][:] & 1024).all()" "no flag above save"
grep -q 'k  extrapolating: ' flagged.out || { cat flagged.out; fail "the table does not explain the flag"; }
# What was met above `save` is kept, at most four configurations of a stage, and the program finds the grades that stand there.
[ ! -e healthy.run/extrapolating.xyz ] || fail "frames of a healthy liquid"
"$LIQUIDUS" grade "$SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp" flagged.run/extrapolating.xyz --species Ca,K,Cl -o again.cfg >again.out ||
  fail "grades of extrapolating.xyz"
"$python" - <<'END' || { cat again.out; fail "what is kept"; }
import collections, re
head = [l for l in open('flagged.run/extrapolating.xyz') if 'Lattice' in l]
word = lambda l, key: re.search(key + r'="?([^" \n]+)', l).group(1)
assert all(word(l, 'role') == 'extrapolating' for l in head)
kept = collections.Counter((word(l, 'point'), word(l, 'replica'), word(l, 'stage')) for l in head)
assert {k[2] for k in kept} == {'npt', 'nve'} and all(1 <= n <= 4 for n in kept.values()), kept
said = [float(word(l, 'grade')) for l in head]
again = [float(m.group(1)) for m in re.finditer(r'MV_grade\s+([0-9.eE+-]+)', open('again.cfg').read())]
assert len(said) == len(again) and all(abs(a - b) < 1e-5 * a + 1e-6 for a, b in zip(said, again)), (said, again)
END
grep -q ' kernel=portable/' flagged.run/log || fail "--kernel does not reach the ranks"

# Without an active set nobody can watch, and the table says so once.
"$LIQUIDUS" potential convert "$SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp" plain.mtp >/dev/null 2>&1 || fail "convert"
variant plain 'break: 0.01' plain.mtp
run 0 plain
ask plain "np.isnan(p['grade_max'][:]).all()" "grades out of nothing"
[ "$(grep -cx 'no active set: extrapolation is not watched' plain.out)" = 1 ] || { cat plain.out; fail "not said once"; }
"$LIQUIDUS" plan --no-probe plain.yaml | grep -qx 'no active set: extrapolation is not watched' || fail "the plan does not say it"

# An active set that is damaged is bad input, found before anything starts.
head -c 1000000 "$SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp" >cut.almtp
variant cut 'break: 11' cut.almtp
run 2 cut
[ ! -e cut.run ] || fail "a damaged active set left a directory"
exit 0
