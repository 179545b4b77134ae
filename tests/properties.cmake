# Tests of properties/.  test_prop_series_error takes 7 s, the others less than 3 s each.
foreach(name IN ITEMS prop prop_stat prop_series prop_stream prop_combine prop_msd prop_rdf prop_rnemd)
  liquidus_test(unit/properties/test_${name} LIBS properties)
endforeach()
foreach(name IN ITEMS prop_series_error prop_plan_stop prop_diffusion prop_structure)
  liquidus_test(verify/test_${name} LIBS properties)
endforeach()
# Calibration of means with 4000 repetitions: 10 s.
liquidus_test(verify/test_prop_series_error_long LIBS properties LONG TIMEOUT 1800)
# Density, energy and pressure of the Lennard-Jones liquid: 2 s, and 2 minutes.
liquidus_test(verify/test_lj_liquid LIBS properties)
liquidus_test(verify/test_lj_liquid_long LIBS properties LONG TIMEOUT 3600)
# Its conductivity and viscosity: 5 s, and 10 minutes.
liquidus_test(verify/test_lj_transport LIBS properties)
liquidus_test(verify/test_lj_transport_long LIBS properties LONG TIMEOUT 7200)
# Derived numbers, committees, planning: less than 1 s each.
foreach(name IN ITEMS prop_committee prop_derived prop_fit prop_heat prop_plan prop_surface)
  liquidus_test(unit/properties/test_${name} LIBS properties)
endforeach()
# Calibration of their error bars: 3 s with 200 repetitions, two minutes with 3000.
liquidus_test(verify/test_prop_thermo_error LIBS properties)
liquidus_test(verify/test_prop_thermo_error_long LIBS properties LONG TIMEOUT 1800)
# Fluctuations of a Lennard-Jones liquid against derivatives: 4 minutes.
liquidus_test(verify/test_lj_heat_long LIBS properties LONG TIMEOUT 3600)
# Zero-frequency limits, running integrals and viscosity; calibration of their error bars: 12 s, 4 s and 6 s with 200
# repetitions, minutes with 1000.
liquidus_test(unit/properties/test_prop_spectrum LIBS properties)
foreach(name IN ITEMS zero running viscosity)
  liquidus_test(verify/test_prop_${name} LIBS properties)
endforeach()
foreach(name IN ITEMS zero viscosity)
  liquidus_test(verify/test_prop_${name}_long LIBS properties LONG TIMEOUT 3600)
endforeach()
# Viscosity of the Lennard-Jones liquid by Green and Kubo: 3 s, and 5 minutes.
liquidus_test(verify/test_lj_green_kubo LIBS properties)
liquidus_test(verify/test_lj_green_kubo_long LIBS properties LONG TIMEOUT 7200)
# Its diffusion in cells of several sizes: 3 s, and 5 minutes.
liquidus_test(verify/test_lj_size LIBS properties)
liquidus_test(verify/test_lj_size_long LIBS properties LONG TIMEOUT 7200)
# Finite size, velocity autocorrelation, charge transport.
liquidus_test(unit/properties/test_prop_finite LIBS properties)
liquidus_test(verify/test_prop_conductivity LIBS properties)
liquidus_test(unit/properties/test_prop_vacf LIBS properties)
liquidus_test(verify/test_prop_conductivity_long LIBS properties LONG TIMEOUT 1800)
# Thermal conductivity: made-up currents, 7 s.
liquidus_test(verify/test_prop_thermal LIBS properties)
liquidus_test(verify/test_prop_thermal_long LIBS properties LONG TIMEOUT 1800)
# The same of Lennard-Jones mixtures, from fluctuations and from an imposed flux.
liquidus_test(verify/test_lj_mixture LIBS properties)
liquidus_test(verify/test_lj_mixture_long LIBS properties LONG TIMEOUT 7200)
# Structure factors: 1 s; of a liquid against the transform of g(r).
liquidus_test(unit/properties/test_prop_life LIBS properties)
liquidus_test(unit/properties/test_prop_ligand LIBS properties)
liquidus_test(unit/properties/test_prop_sq LIBS properties)
liquidus_test(verify/test_prop_sq_liquid LIBS properties)
