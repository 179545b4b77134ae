# Tests of the campaign file: units, YAML, schema, meaning, grid.
liquidus_test(unit/screening/test_screen_units LIBS screening)
liquidus_test(unit/screening/test_screen_formula LIBS screening)
liquidus_test(unit/screening/test_screen_sha256 LIBS screening)
liquidus_test(unit/screening/test_screen_yaml LIBS screening)
