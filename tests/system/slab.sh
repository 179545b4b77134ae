#!/bin/sh
# Krypton beside argon, run with vacuum above and without: the volume stays or the height alone changes, no vapour ends a
# run, what is printed says that it is an average over phases.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

sed -e 's/simulation:/&\n  replicas: 1\n  trajectory: 1 ps/' "$SOURCE/tests/data/campaigns/slab.yaml" >slab.yaml
sed -e 's/type: slab, vacuum: 20 A/type: two-phase/' -e 's/campaign: slab/campaign: phases/' -e 's/properties: {/& density: {},/' slab.yaml >phases.yaml
for name in slab phases; do
  "$LIQUIDUS" run $name.yaml -n 2 --quiet >$name.out || { cat $name.out; fail "$name: exit code"; }
  "$python" - $name <<'END' || { cat $name.out; fail "$name: results"; }
import glob, h5py, numpy, re, sys
name = sys.argv[1]
f = h5py.File(name + '.run/results.h5')
mask = dict(zip(f['potential_energy_flag'].attrs['flag_meanings'].decode().split(), f['potential_energy_flag'].attrs['flag_masks']))
for key in ['potential_energy', 'diffusion', 'coordination']:
    value, flag = f[key][()].ravel(), f[key + '_flag'][()].ravel()
    there = value == value
    assert there.any() and (flag[there] & mask['interface'] > 0).all(), (key, value, flag)
assert ('density' in f) == (name == 'phases')
cells, heights = [], []
for path in glob.glob(name + '.run/trajectory/*.npt.xyz'):
    lines = open(path).read().splitlines()
    n = int(lines[0])
    for at in range(0, len(lines), n + 2):
        cells.append([float(x) for x in re.search('Lattice="([^"]*)"', lines[at + 1]).group(1).split()])
        rows = [l.split() for l in lines[at + 2:at + 2 + n]]
        heights.append([(r[0], float(r[3])) for r in rows])
cells = numpy.array(cells)
assert len(cells) >= 3
xy, z = cells[:, [0, 4]], cells[:, 8]
assert (xy == xy[0]).all(), xy
if name == 'slab':
    assert (z == z[0]).all() and z[0] > xy[0, 0] + 19, z
    free = sum(1 for _, h in heights[-1] if xy[0, 0] + 8 < h % z[0] < z[0] - 8)
    assert free < 10, free # a few atoms of vapour at most
else:
    assert (numpy.diff(z) != 0).all(), z
krypton = numpy.mean([h for s, h in heights[-1] if s == 'Kr'])
argon = numpy.mean([h for s, h in heights[-1] if s == 'Ar'])
assert krypton < argon - 5, (krypton, argon) # they lie one upon the other
END
done
grep -q 'interface: The cell holds phases' slab.out || { cat slab.out; fail "the table does not say what it averages"; }
{ "$LIQUIDUS" explain slab.run 0 >explain.out && grep -q 'Run each phase by itself' explain.out; } || { cat explain.out; fail "explain"; }
exit 0
