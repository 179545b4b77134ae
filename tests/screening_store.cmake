# Jobs, results and the results file.
liquidus_test(unit/screening/test_screen_store LIBS screening NPROCS 1 2 3)
