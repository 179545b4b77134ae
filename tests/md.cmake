# Units, blobs, random numbers, atoms, potentials, packing, files of starting configurations.
foreach(name IN ITEMS blob rng)
  liquidus_test(unit/md/test_md_${name} LIBS md)
endforeach()
