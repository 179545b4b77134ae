liquidus_test(unit/mtp/test_mtp_neigh LIBS mtp TIMEOUT 60)
