# Units, blobs, random numbers, atoms, potentials, packing, files of starting configurations.
foreach(name IN ITEMS units blob rng atoms elements lattice potential pot_lj tosi_fumi pack pack_molecule xyz)
  liquidus_test(unit/md/test_md_${name} LIBS md)
endforeach()
liquidus_fuzz(fuzz_checkpoint LIBS md)
# Frames in files, read back with HDF5 itself.
liquidus_test(unit/md/test_md_h5md LIBS md Liquidus::hdf5)
liquidus_test(unit/md/test_md_trajectory LIBS md Liquidus::hdf5 NPROCS 1 2)
