# Tests of the files of mtp/: readers and writers of .mtp, .almtp, .cfg and extended XYZ.
liquidus_test(unit/mtp/test_mtp_diag LIBS mtp TIMEOUT 30)
liquidus_test(unit/mtp/test_mtp_read LIBS mtp TIMEOUT 60)
liquidus_test(unit/mtp/test_mtp_write LIBS mtp TIMEOUT 30)
liquidus_fuzz(fuzz_mtp LIBS mtp)
liquidus_fuzz(fuzz_cfg LIBS mtp)
liquidus_fuzz(fuzz_xyz LIBS mtp)
