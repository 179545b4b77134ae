# Jobs, results and the results file.
liquidus_test(unit/screening/test_screen_job LIBS screening)
liquidus_test(unit/screening/test_screen_structure LIBS screening)
liquidus_test(unit/screening/test_screen_streams LIBS screening)
# What estimators cost beside the dynamics: a minute.
liquidus_test(bench/bench_sampling LIBS screening LONG TIMEOUT 900)
liquidus_script_test(bench/bench_analysis.sh LONG TIMEOUT 1800)
liquidus_test(unit/screening/test_screen_result LIBS screening)
liquidus_test(unit/screening/test_screen_report LIBS screening)
liquidus_test(unit/screening/test_screen_explain LIBS screening)
liquidus_test(unit/screening/test_screen_target LIBS screening)
liquidus_test(unit/screening/test_screen_table LIBS screening NPROCS 1 3)
liquidus_test(unit/screening/test_screen_store LIBS screening NPROCS 1 2 3)
liquidus_script_test(system/results_file.sh PROCESSORS 3 ARGS $<TARGET_FILE:test_screen_store>)
