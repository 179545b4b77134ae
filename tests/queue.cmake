# Tests of queue/
liquidus_test(unit/queue/test_queue_state LIBS queue)
liquidus_test(unit/queue/test_queue_journal LIBS queue)
liquidus_test(unit/queue/test_queue_tasks LIBS queue)
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
