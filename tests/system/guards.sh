#!/bin/sh
# Guards of a campaign: limits are keys, reasons reach the table and status, the configurations at which replicas
# ended stand in ended.xyz, also after the run was killed and went on.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

variant() { # variant NAME GUARDS: the small campaign, one replica, these guards
  write_campaign "$1.yaml" "$1"
  sed -i -e 's/replicas: 2/replicas: 1/' -e "s|^simulation:|&\n  guards: { $2 }|" "$1.yaml"
}
run() { # run CODE NAME [OPTION...]
  want=$1 name=$2
  shift 2
  "$LIQUIDUS" run "$name.yaml" --quiet "$@" >"$name.out" 2>&1
  code=$?
  [ $code = "$want" ] || { cat "$name.out"; fail "$name: exit code $code, wanted $want"; }
}
ask() { # ask NAME EXPRESSION WHAT: true of the results, p: the list of points, frames: comments of ended.xyz
  "$python" -c "import h5py, os
f = h5py.File('$1.run/results.h5', 'r'); p = f['point']
text = open('$1.run/ended.xyz').read().splitlines() if os.path.exists('$1.run/ended.xyz') else []
frames = [l for l in text if 'Lattice' in l]
detail = [d.tobytes().split(b'\0')[0].decode() for d in p['detail'][:]]
assert $2, (p['reason'][:], detail, frames)" || fail "$1: $3"
}

# Every new reason, provoked by a limit that no liquid keeps.
provoke() { # provoke NAME GUARDS REASON WORDS
  variant "$1" "$2"
  run 1 "$1"
  ask "$1" "(p['reason'][:] == $3).any() and (p['state'][:] == 3).all()" "reason $3"
  ask "$1" "all('$4' in d for r, d in zip(p['reason'][:], detail) if r == $3)" "the words of reason $3"
  ask "$1" "sum('role=\"bad\"' in c for c in frames) == 2 and sum('role=\"last good\"' in c for c in frames) == 2" \
    "two frames of each replica"
}
provoke force 'force: 0.5 eV/A' -8 'force on '
provoke pressure 'pressure: 0.5' -9 'pressure is '
provoke frozen 'freezing: 0.01, every: 20, window: 0 fs' -11 ' moved '
"$LIQUIDUS" status force.run | grep -q 'failed .* force on ' || { "$LIQUIDUS" status force.run; fail "status does not say why"; }

# The meaning of the reason is in the file, as for the others.
ask frozen "f['point/reason'].attrs['flag_meanings'].decode().split()[list(f['point/reason'].attrs['flag_values']).index(-12)] == \
'the_liquid_has_demixed'" "meanings of reasons"

# The file is one that the active-learning verbs read.
"$LIQUIDUS" grade "$SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp" force.run/ended.xyz --species Ca,K,Cl >grades.out ||
  fail "grades of ended.xyz"
[ "$(wc -l <grades.out)" -ge 5 ] || { cat grades.out; fail "a grade for each of four frames"; }

# Resumed: nothing is run, the file is made again.
cp force.run/ended.xyz before.xyz
rm force.run/ended.xyz
run 1 force
cmp -s before.xyz force.run/ended.xyz || fail "ended.xyz is not that of the journals"

# Off: the same campaign lives, and has no such file.
variant quiet 'force: off, pressure: off, void: off, freezing: off, demixing: off'
run 0 quiet
[ ! -e quiet.run/ended.xyz ] || fail "frames without an end"
# Limits as they are give the same points as none named.
variant named 'force: 50 eV/A, pressure: 20, void: 40, window: 5 ps, every: 500'
write_campaign plain.yaml plain
sed -i 's/replicas: 2/replicas: 1/' plain.yaml
run 0 named
run 0 plain
"$python" -c "import h5py
k = [h5py.File(n + '.run/results.h5')['point/key'][:].tobytes() for n in ('named', 'plain', 'quiet')]
assert k[0] == k[1] != k[2]" || fail "keys of points"

# A plan says which guards cannot look in cells as small as these; nothing about those that are off or can.
said() { "$LIQUIDUS" plan --no-probe "$1.yaml" | grep '^guards: '; }
[ "$(said plain)" = "guards: no look for voids (evaporation; the volume is watched) in cells of fewer than 120 atoms: 2 of 2 points
guards: no look for demixing in cells of fewer than 324 atoms: 2 of 2 points" ] || { said plain; fail "what the plan says of guards"; }
[ -z "$(said quiet)" ] || fail "the plan speaks of guards that are off"
sed 's/atoms: 36/atoms: 400/' plain.yaml >large.yaml
[ -z "$(said large)" ] || { said large; fail "the plan speaks of guards that can look"; }

variant bad 'force: -1 eV/A, void: maybe'
run 2 bad
grep -q "simulation.guards.force: got '-1 eV/A', wanted at least 0.1 eV/A" bad.out || { cat bad.out; fail "bounds"; }
grep -q "simulation.guards.void: got 'maybe', wanted" bad.out || { cat bad.out; fail "words"; }
exit 0
