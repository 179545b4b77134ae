# Tests of properties/.  test_prop_series_error takes 7 s, the others less than 3 s each.
foreach(name IN ITEMS prop prop_stat prop_series prop_combine prop_msd prop_rdf prop_rnemd)
  liquidus_test(unit/properties/test_${name} LIBS properties)
endforeach()
foreach(name IN ITEMS prop_series_error prop_diffusion prop_structure)
  liquidus_test(verify/test_${name} LIBS properties)
endforeach()
# Conductivity and viscosity of the Lennard-Jones liquid: 4 s, and 10 minutes.
liquidus_test(verify/test_lj_transport LIBS properties)
liquidus_test(verify/test_lj_transport_long LIBS properties LONG TIMEOUT 7200)
