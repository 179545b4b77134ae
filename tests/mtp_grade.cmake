# Tests of extrapolation grades: derivatives by the coefficients, selection states, MaxVol.
liquidus_test(verify/test_mtp_gradient LIBS mtp)
liquidus_test(unit/mtp/test_mtp_selection LIBS mtp)
liquidus_test(verify/test_mtp_kernel_grade LIBS mtp)
liquidus_test(conformance/test_mtp_grade LIBS mtp)
liquidus_test(unit/mtp/test_mtp_maxvol LIBS mtp)
liquidus_test(conformance/test_mtp_select LIBS mtp)
liquidus_script_test(cli/grade.sh)
liquidus_script_test(cli/select.sh)
