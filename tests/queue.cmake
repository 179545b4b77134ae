# Tests of queue/
liquidus_test(unit/queue/test_queue_state LIBS queue)
liquidus_test(unit/queue/test_queue_journal LIBS queue)
liquidus_test(unit/queue/test_queue_tasks LIBS queue)
liquidus_test(unit/queue/test_queue_merge LIBS queue)
liquidus_test(unit/queue/test_queue_schedule LIBS queue)
liquidus_test(unit/queue/test_queue_batch LIBS queue)
liquidus_test(unit/queue/test_queue_drop LIBS queue)
liquidus_test(fault/test_queue_io LIBS queue)
liquidus_test(fault/test_queue_kill LIBS queue)
liquidus_test(fault/test_queue_full LIBS queue)
liquidus_fuzz(fuzz_journal LIBS queue)

# The same with many more kills, before an issue is closed.
if(TARGET test_queue_kill)
  add_test(NAME fault.test_queue_kill.long COMMAND test_queue_kill -kills 3000)
  set_tests_properties(fault.test_queue_kill.long PROPERTIES LABELS "fault;long" TIMEOUT 1800)
endif()

# The scheduler in a world of its own time; a smaller one in every run.
liquidus_test(bench/bench_schedule LIBS queue LONG TIMEOUT 900)
if(TARGET bench_schedule)
  add_test(NAME bench.bench_schedule.small COMMAND bench_schedule -tasks 100000)
  set_tests_properties(bench.bench_schedule.small PROPERTIES LABELS "bench;fast" TIMEOUT 120)
endif()
