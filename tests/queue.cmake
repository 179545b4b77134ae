# Tests of queue/
liquidus_test(unit/queue/test_queue_state LIBS queue)
liquidus_test(unit/queue/test_queue_journal LIBS queue)
