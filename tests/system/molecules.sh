#!/bin/sh
# Which atoms belong together stands in the H5MD trajectories, on one rank and on two, and is what the cell was filled with.
# Masses are those of the campaign, in the file and in the dynamics.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*

cat >trimer.xyz <<'END'
3
three argon-like atoms in a bent row, where their pairs have their minimum
Ar 0.0 0.0 0.0
Kr 3.9 0.0 0.0
Ar 3.9 3.9 0.0
END
cat >molecules.yaml <<'END'
campaign: molecules
potential: { type: lj, species: [Ar, Kr], cutoff: 8 A, pairs: { Ar: { epsilon: 119.8 K, sigma: 3.4 A }, Kr: { epsilon: 170 K, sigma: 3.6 A } } }
system:
  components: { trimer: { molecule: trimer.xyz }, krypton: { formula: Kr } }
  composition: { trimer: 0.5, krypton: balance }
  masses: { Kr: 800 u }
  atoms: 80
conditions: { temperature: 90 K }
simulation:
  timestep: 4 fs
  equilibration: 1 ps
  production: { npt: 0.4 ps }
  replicas: 1
  trajectory: { every: 0.08 ps, format: h5md, velocities: true, precision: double }
properties: { density: {} }
END
"$LIQUIDUS" run molecules.yaml -n 2 --quiet >one.out || { cat one.out; fail "run"; }
"$LIQUIDUS" run molecules.yaml -n 3 --group 2 --quiet --out two.run >two.out || { cat two.out; fail "run on two ranks"; }
"$python" - <<'END' || fail "molecules"
import glob, h5py, numpy
numbers = []
for run in ('molecules.run', 'two.run'):
    path, = glob.glob(run + '/trajectory/*.npt.h5md')
    f = h5py.File(path)
    group = f['particles/trajectory']
    molecule, species = group['molecule'][()], group['species'][()]
    names = {v: k for k, v in h5py.check_enum_dtype(group['species'].dtype).items()}
    assert molecule.shape == species.shape == (80,)
    sizes = numpy.bincount(molecule)
    assert sorted(set(sizes)) == [1, 3] and (sizes == 3).sum() == (sizes == 1).sum() == 20, sizes
    for m in range(len(sizes)):
        inside = ''.join(names[s] for s in species[molecule == m])
        assert inside == ('ArKrAr' if sizes[m] == 3 else 'Kr'), inside
    numbers.append(molecule)
    mass = group['mass'][()]
    heavy = numpy.array([names[s] == 'Kr' for s in species])
    assert numpy.allclose(mass, numpy.where(heavy, 800.0, 39.95), rtol=1e-3), mass
    # 40 atoms of each kind share the energy to 13 % in a frame; the natural mass would make it ten times as much
    square = (group['velocity/value'][()] ** 2).sum(axis=2).mean(axis=0)
    share = (mass * square)[heavy].mean() / (mass * square)[~heavy].mean()
    assert 0.5 < share < 2.0, share
    try:
        import MDAnalysis
    except ImportError:
        print('without MDAnalysis')
        continue
    universe = MDAnalysis.Universe.empty(80, n_residues=len(sizes), atom_resindex=molecule, trajectory=True)
    universe.load_new(path, format='H5MD')
    assert len(universe.trajectory) >= 2 and len(universe.residues[0].atoms) == sizes[0]
assert (numbers[0] == numbers[1]).all()
END
exit 0
