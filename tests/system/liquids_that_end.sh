#!/bin/sh
# Liquids that stop being one, or never were, under the program's own guards: one tears open, one boils away, one is a crystal
# and stays it, one separates.  Their replicas end with the reason, the third failure quarantines the point, status, explain
# and table say why, other points go on.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

argon='Ar: { epsilon: 119.8 K, sigma: 3.4 A }'
campaign() { # campaign NAME ATOMS COMPONENTS TEMPERATURES PRESSURE PAIRS
  cat >"$1.yaml" <<END
campaign: $1
potential: { type: lj, species: [Ar, Kr], cutoff: 8.5 A, truncation: force-shifted, pairs: { $argon, Kr: { epsilon: 119.8 K, sigma: 3.4 A }, $6 } }
system:
  components: { argon: { formula: Ar }, krypton: { formula: Kr } }
  composition: { argon: $3, krypton: balance }
  atoms: $2
conditions: { temperature: $4, pressure: $5 }
simulation:
  timestep: 4 fs
  equilibration: 2.5 ps
  production: { npt: 24 ps, nve: 2 ps }
  replicas: 4
properties: { density: {}, diffusion: {} }
END
}

ends() { # ends NAME REASON WORDS POINT: the point is quarantined for this, another is done
  "$LIQUIDUS" run "$1.yaml" -n 3 --quiet >"$1.out"
  code=$?
  [ $code = 1 ] || { cat "$1.out"; fail "$1: exit code $code, wanted 1"; }
  "$python" - "$1" "$2" "$3" "$4" <<'END' || { cat "$1.out" "$1.run/log"; fail "$1: results"; }
import h5py, re, sys
name, reason, words, point = sys.argv[1:]
f = h5py.File(name + '.run/results.h5')
p = f['point']
text = lambda d: [row.tobytes().split(b'\0')[0].decode() for row in d[:]]
names, detail = text(p['name']), text(p['detail'])
state = p['state'].attrs['flag_meanings'].decode().split()
i = names.index(point)
assert state[p['state'][i]] == 'quarantined', p['state'][:]
assert p['reason'][i] == int(reason), p['reason'][:]
assert re.search(words, detail[i]), detail
assert p['replicas_failed'][i] == 3 and p['replicas_done'][i] == 0, (p['replicas_failed'][:], p['replicas_done'][:])
others = [k for k in range(len(names)) if k != i]
assert others and all(state[p['state'][k]] == 'done' for k in others), p['state'][:]
axes = ['argon', 'temperature', 'pressure']
at = tuple(list(f[a][:]).index(p[a][i]) for a in axes)
assert (f['diffusion'][at] != f['diffusion'][at]).all(), f['diffusion'][at]
frames = [l for l in open(name + '.run/ended.xyz') if 'Lattice' in l]
good = [l for l in frames if 'role="last good"' in l]
bad = [l for l in frames if 'role="bad"' in l]
step = lambda l: int(re.search(r'step="?(\d+)', l).group(1))
assert len(good) == len(bad) and 3 <= len(bad) <= 4, frames
for g, b in zip(good, bad):
    assert 0 <= step(b) - step(g) <= 200 and f'point="{point}"' in b, (g, b)
END
  "$LIQUIDUS" status "$1.run" | grep -E "^$4 +quarantined .*$3" >/dev/null || { "$LIQUIDUS" status "$1.run"; fail "$1: status"; }
  "$LIQUIDUS" explain "$1.run" "$4" >explain.out || fail "$1: explain"
  { grep -E "reason: .*$3" explain.out >/dev/null && grep -q 'given up after 3 failed replicas' explain.out &&
    grep -q "cure: $5" explain.out; } || { cat explain.out; fail "$1: what explain says"; }
  grep -E "quarantined: .*$3" "$1.out" >/dev/null || { cat "$1.out"; fail "$1: the table"; }
}

# Half the density of the liquid and no barostat to mend it: at 60 K it contracts and leaves a void, at 250 K it is one fluid.
campaign tears 256 1.0 '[60 K, 250 K]' '0 bar' 'Ar-Kr: { epsilon: 119.8 K, sigma: 3.4 A }'
sed -i -e 's/^system:/&\n  density: 0.7 g\/cm3/' -e 's/npt: 24 ps, nve: 2 ps/nve: 30 ps, rescaling: 1 ps/' -e 's/density: {}, //' tears.yaml
ends tears -10 'a sphere of 9.7 .* has [0-9] atoms at step [0-9]+ instead of 40, less than 10 since step' \
  'argon=1 T=60K' 'the liquid is not stable'

# Three times the boiling point without pressure.
campaign boils 125 1.0 '[90 K, 300 K]' '0 bar' 'Ar-Kr: { epsilon: 119.8 K, sigma: 3.4 A }'
sed -i -e 's/equilibration: 2.5 ps/equilibration: 24 ps\n  barostat_time: 0.2 ps/' -e 's/npt: 24 ps/npt: 2 ps/' boils.yaml
ends boils -5 'volume is [0-9.]+ Å.3 at step [0-9]+, 2.[5-9][0-9] times that at the start' 'argon=1 T=300K' 'the liquid is not stable'

# A crystal far below its melting point, and far above.
campaign freezes 108 1.0 '[60 K, 250 K]' '200 MPa' 'Ar-Kr: { epsilon: 119.8 K, sigma: 3.4 A }'
sed -i -e 's/^system:/&\n  start: { type: crystal, lattice: fcc }/' -e 's/npt: 24 ps/npt: 10 ps/' freezes.yaml
ends freezes -11 '(Ar|Kr) moved 0.[0-9]+ .* since step 0 at step 1500 .limit 1.[0-9]+ .*, bond order 0.[3-9][0-9] .limit 0.2' \
  'argon=1 T=60K' 'raise the temperature'

# Unlike atoms that hardly attract each other and want more room than like ones.
campaign parts 324 '[0.5, 1.0]' '[300 K]' '300 MPa' 'Ar-Kr: { epsilon: 10 K, sigma: 4.8 A }'
sed -i 's/timestep: 4 fs/timestep: 5 fs/' parts.yaml
ends parts -12 '(Ar|Kr) is apart by 0.[3-9][0-9] .0: at random, 1: apart. at step [0-9]+, above 0.3 since step' \
  'argon=0.5 T=300K' 'the mixture separates'
exit 0
