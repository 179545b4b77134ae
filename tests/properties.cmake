# Tests of properties/
liquidus_test(unit/properties/test_prop LIBS properties)
liquidus_test(unit/properties/test_prop_stat LIBS properties)
liquidus_test(unit/properties/test_prop_series LIBS properties)
liquidus_test(unit/properties/test_prop_combine LIBS properties)
liquidus_test(verify/test_prop_series_error LIBS properties)
