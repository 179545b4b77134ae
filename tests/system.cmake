# Tests of the whole program and of the house rules.
if(NOT LIQUIDUS_FUZZ)
  add_test(NAME style.check_includes COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/style/check_includes.sh ${CMAKE_SOURCE_DIR})
  add_test(NAME style.check_flags COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/style/check_flags.sh
    ${CMAKE_CURRENT_SOURCE_DIR}/style/check_includes.sh ${CMAKE_CURRENT_BINARY_DIR}/scratch)
  set_tests_properties(style.check_includes style.check_flags PROPERTIES LABELS "style;fast" TIMEOUT 60)
endif()
liquidus_script_test(cli/verbs.sh)
liquidus_script_test(cli/run_refusals.sh PROCESSORS 2)
liquidus_script_test(system/quick_campaign.sh TIMEOUT 300 PROCESSORS 2)
liquidus_script_test(restart/kill_resume.sh TIMEOUT 600 PROCESSORS 2)
liquidus_script_test(restart/edit_campaign.sh TIMEOUT 300 PROCESSORS 2)
liquidus_script_test(fault/worker_killed.sh TIMEOUT 300 PROCESSORS 2)
liquidus_script_test(cli/status_live.sh TIMEOUT 300 PROCESSORS 2)
