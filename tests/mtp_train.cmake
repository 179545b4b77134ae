# Tests of fitting: derivatives of a loss, the loss, linear and nonlinear fits.
liquidus_test(verify/test_mtp_tangent LIBS mtp)
liquidus_test(unit/mtp/test_mtp_loss LIBS mtp NPROCS 1 2 3)
liquidus_test(unit/mtp/test_mtp_raise LIBS mtp)
liquidus_test(verify/test_mtp_fit LIBS mtp NPROCS 1 2)
liquidus_script_test(cli/train.sh PROCESSORS 2)
liquidus_script_test(cli/learn.sh PROCESSORS 2)
liquidus_test(bench/bench_mtp_train LIBS mtp LONG)
