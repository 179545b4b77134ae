# Tests of extrapolation grades: derivatives by the coefficients, selection states, MaxVol.
liquidus_test(verify/test_mtp_gradient LIBS mtp)
