# Runs: ensembles, guards, checkpoints.
foreach(name IN ITEMS run guard grade checkpoint currents)
  liquidus_test(unit/md/test_md_${name} LIBS md)
endforeach()
foreach(name IN ITEMS nve thermostat barostat heat)
  liquidus_test(verify/test_md_${name} LIBS md)
endforeach()
liquidus_test(restart/test_md_restart LIBS md)
liquidus_test(bench/bench_md_step LIBS md LONG TIMEOUT 900)
