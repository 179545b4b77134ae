liquidus_test(unit/mtp/test_mtp_neigh LIBS mtp TIMEOUT 60)
liquidus_test(verify/test_mtp_eval LIBS mtp TIMEOUT 60)
liquidus_test(conformance/test_conformance LIBS mtp TIMEOUT 60)
liquidus_script_test(cli/potential.sh TIMEOUT 60)
