# Tests of screening/: the parts around a run (experiments; scripts of the whole program are in system.cmake).
liquidus_test(unit/screening/test_screen_measured LIBS screening)
liquidus_test(unit/screening/test_screen_verdict LIBS screening)
liquidus_fuzz(fuzz_experiments LIBS screening)
