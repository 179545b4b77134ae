/* properties/prop_registry.c - the table of all properties
 *
 * One row a property, in the order of prop_id: a property is here when the program computes it, and
 * nowhere else is there a list.  No standard_name: the CF table has names for sea water, air and
 * soil, none for a melt.  Methods repeat what the estimators do (prop_series.h, prop_msd.h,
 * prop_rdf.h, ...) for readers of the results file.
 */
#include "properties/prop.h"

#include <string.h>

static const prop_definition definitions[PROP_NID] = {
    {"density", "mass density", "kg m-3", NULL, PROP_PER_POINT, "density", NULL,
     "Mean of mass over instantaneous volume in the constant-pressure run after equilibration "
     "detection; error corrected for correlation in time and checked against replicas."},
    {"number_density", "number of atoms per volume", "m-3", NULL, PROP_PER_POINT, "density", NULL,
     "Mass density times the number of atoms over their mass."},
    {"thermal_expansion", "volumetric thermal expansion", "K-1", NULL, PROP_PER_POINT, "density",
     NULL,
     "Slope of -ln of the density against temperature over the points of the campaign, weighted, "
     "local where it is curved; from the fluctuations where there is one temperature."},
    {"thermal_expansion_fluctuation", "volumetric thermal expansion from fluctuations", "K-1", NULL,
     PROP_PER_POINT, "density", NULL,
     "Covariance of enthalpy and volume over k_B T^2 V in the constant-pressure run."},
    {"isothermal_compressibility", "isothermal compressibility", "Pa-1", NULL, PROP_PER_POINT,
     "density", NULL, "Variance of the volume over k_B T V in the constant-pressure run."},
    {"potential_energy", "potential energy per mole of atoms", "J mol-1", NULL, PROP_PER_POINT,
     "potential_energy", NULL,
     "Mean potential energy of the constant-pressure run over the number of atoms after "
     "equilibration detection; error corrected for correlation in time and checked against "
     "replicas."},
    {"enthalpy", "enthalpy per mole of atoms", "J mol-1", NULL, PROP_PER_POINT, "potential_energy",
     NULL,
     "Mean of kinetic and potential energy and P V of the constant-pressure run over the number of "
     "atoms; its zero is that of the potential."},
    {"heat_capacity", "specific heat capacity at constant pressure", "J kg-1 K-1", NULL,
     PROP_PER_POINT, "heat_capacity", NULL,
     "Slope of the mean enthalpy against temperature over the points of the campaign, weighted, "
     "local where it is curved; from the fluctuations where there is one temperature."},
    {"heat_capacity_atoms", "heat capacity at constant pressure per mole of atoms", "J mol-1 K-1",
     NULL, PROP_PER_POINT, "heat_capacity", NULL,
     "Specific heat capacity times the mean molar mass of an atom."},
    {"heat_capacity_formula", "heat capacity at constant pressure per mole of formula units",
     "J mol-1 K-1", NULL, PROP_PER_POINT, "heat_capacity", NULL,
     "Specific heat capacity times the mean molar mass of the components' formula units."},
    {"heat_capacity_fluctuation", "specific heat capacity at constant pressure from fluctuations",
     "J kg-1 K-1", NULL, PROP_PER_POINT, "heat_capacity", NULL,
     "Variance of the enthalpy over k_B T^2 in the constant-pressure run."},
    {"heat_capacity_cv", "specific heat capacity at constant volume", "J kg-1 K-1", NULL,
     PROP_PER_POINT, "heat_capacity", NULL,
     "Specific heat capacity at constant pressure less T alpha^2/(density kappa_T)."},
    {"speed_of_sound", "speed of sound at low frequency", "m s-1", NULL, PROP_PER_POINT,
     "heat_capacity", NULL, "1/sqrt(density kappa_S)."},
    {"adiabatic_compressibility", "adiabatic compressibility", "Pa-1", NULL, PROP_PER_POINT,
     "heat_capacity", NULL, "Isothermal compressibility times C_v/C_p."},
    {"viscosity", "shear viscosity", "Pa s", NULL, PROP_PER_POINT, "viscosity",
     "period of the highest frequency that was fitted",
     "Green-Kubo: limit at frequency zero of the pooled spectrum of five independent pressure "
     "components of the constant-energy run, by maximum likelihood, averaged over the cut-off."},
    {"viscosity_decomposition", "shear viscosity by time decomposition", "Pa s", NULL,
     PROP_PER_POINT, "viscosity", "end of the fitted part of the running integral",
     "Limit of two exponentials fitted to the Green-Kubo running integral up to where its scatter "
     "is 40 %."},
    {"viscosity_einstein", "shear viscosity by the Einstein-Helfand relation", "Pa s", NULL,
     PROP_PER_POINT, "viscosity", "time from which on the moment is straight",
     "Half the slope of the mean square of the integrated pressure where it has become straight."},
    {"viscosity_truncated", "shear viscosity by a truncated Green-Kubo integral", "Pa s", NULL,
     PROP_PER_POINT, "viscosity", "upper limit of the integral",
     "Green-Kubo running integral at the time that the campaign gives (viscosity.cutoff), for "
     "comparison with published numbers."},
    {"viscosity_rnemd", "shear viscosity from an imposed flux of momentum", "Pa s", NULL,
     PROP_PER_POINT, "viscosity rnemd_shear", NULL,
     "Reverse non-equilibrium dynamics: momentum is moved through a long cell by exchanges of "
     "velocities, and divided by the gradient of velocity that this makes; mean over replicas and "
     "fluxes."},
    {"viscosity_z", "viscosity from an imposed flux against that from fluctuations", "1", NULL,
     PROP_PER_POINT, "viscosity rnemd_shear", NULL,
     "Difference of viscosity_rnemd and viscosity over its standard error."},
    {"kinematic_viscosity", "kinematic viscosity", "m2 s-1", NULL, PROP_PER_POINT,
     "viscosity density", NULL, "Shear viscosity over density."},
    {"kinetic_temperature", "kinetic temperature of the constant-energy run", "K", NULL,
     PROP_PER_POINT, "diffusion", NULL,
     "Mean kinetic temperature of the constant-energy run; error from the spread between "
     "replicas, whose energies differ as the canonical ensemble says."},
    {"diffusion", "self-diffusion coefficient of the infinite liquid", "m2 s-1", NULL,
     PROP_PER_SPECIES, "diffusion", NULL,
     "That of the cell with the hydrodynamic correction of Yeh and Hummer from the viscosity of "
     "the "
     "same run; without a viscosity that of the cell, which its flags say."},
    {"diffusion_cell", "self-diffusion coefficient in the simulated cell", "m2 s-1", NULL,
     PROP_PER_SPECIES, "diffusion", NULL,
     "One sixth of the slope of the multi-origin mean squared displacement in the constant-energy "
     "run, window found automatically; error from consecutive parts of the run and from "
     "replicas."},
    {"diffusion_vacf", "self-diffusion coefficient in the cell from velocities", "m2 s-1", NULL,
     PROP_PER_SPECIES, "diffusion", NULL,
     "Integral of the velocity autocorrelation in the constant-energy run, mean over its plateau, "
     "found automatically; error from consecutive parts of the run and from replicas."},
    {"diffusion_activation", "activation energy of self-diffusion", "J mol-1", NULL,
     PROP_PER_SPECIES, "diffusion", NULL,
     "Arrhenius: -R times the slope of ln D against 1/T over the temperatures of the campaign, "
     "weighted by the error bars; the same at all temperatures."},
    {"schmidt", "Schmidt number", "1", NULL, PROP_PER_SPECIES, "diffusion viscosity density", NULL,
     "Kinematic viscosity over self-diffusion coefficient."},
    {"stokes_einstein", "Stokes-Einstein-Sutherland factor", "1", NULL, PROP_PER_SPECIES,
     "diffusion viscosity", NULL,
     "k_B T over pi viscosity D R_h: 6 for sticking and 4 for slipping spheres; R_h is the radius "
     "that the campaign gives, else half the position of the first like-pair maximum of g(r)."},
    {"ionic_conductivity", "ionic conductivity", "S m-1", NULL, PROP_PER_POINT,
     "ionic_conductivity", "period of the highest frequency that was fitted",
     "Green-Kubo: limit at frequency zero of the spectrum of the collective charge current with "
     "the "
     "campaign's charges in the constant-energy run, by maximum likelihood, averaged over the "
     "cut-off."},
    {"conductivity_einstein", "ionic conductivity by the Einstein relation", "S m-1", NULL,
     PROP_PER_POINT, "ionic_conductivity", "time from which on the moment is straight",
     "Half the slope of the mean square of the integrated charge current where it has become "
     "straight."},
    {"conductivity_nernst_einstein", "conductivity of independent ions", "S m-1", NULL,
     PROP_PER_POINT, "ionic_conductivity diffusion", NULL,
     "Nernst-Einstein: sum of N q^2 D over V k_B T with the diffusion coefficients of the cell."},
    {"conductivity_truncated", "ionic conductivity by a truncated Green-Kubo integral", "S m-1",
     NULL, PROP_PER_POINT, "ionic_conductivity", "upper limit of the integral",
     "Green-Kubo running integral at the time that the campaign gives "
     "(ionic_conductivity.cutoff), for comparison with published numbers."},
    {"haven_ratio", "Haven ratio", "1", NULL, PROP_PER_POINT, "ionic_conductivity diffusion", NULL,
     "Nernst-Einstein conductivity over ionic conductivity: above 1 where ions of opposite charge "
     "move together."},
    {"transference", "transference number", "1", NULL, PROP_PER_SPECIES, "ionic_conductivity", NULL,
     "Share of the ionic conductivity that the species carries, in the barycentric frame, from the "
     "Onsager matrix."},
    {"transference_solvent", "transference number in the frame of the solvent", "1", NULL,
     PROP_PER_SPECIES, "ionic_conductivity solvent", NULL,
     "Share of the ionic conductivity that the species carries, seen from the mean velocity of the "
     "elements that only neutral molecules have, from the Onsager matrix; missing without a "
     "solvent."},
    {"onsager", "Onsager coefficient of a pair of species", "mol2 J-1 m-1 s-1", NULL, PROP_PER_PAIR,
     "ionic_conductivity", NULL,
     "Integral of the correlation of the currents of two species over 3 V k_B T, in the "
     "barycentric "
     "frame, as the limit at frequency zero of their cross spectrum."},
    {"thermal_conductivity", "thermal conductivity", "W m-1 K-1", NULL, PROP_PER_POINT,
     "thermal_conductivity", "time that the cosines of the smoothed spectrum can tell apart",
     "Green-Kubo by multi-current cepstral analysis: limit at frequency zero of the spectrum of "
     "the "
     "heat current without what flows with the currents of all species but one, averaged over the "
     "number of cepstral coefficients.  Of a metal the ionic contribution."},
    {"thermal_conductivity_rnemd", "thermal conductivity from an imposed flux of heat", "W m-1 K-1",
     NULL, PROP_PER_POINT, "thermal_conductivity rnemd_heat", NULL,
     "Reverse non-equilibrium dynamics: heat is moved through a long cell by exchanges of "
     "velocities, and divided by the gradient of temperature that this makes; mean over replicas "
     "and fluxes, and where there are cells of several lengths the limit of their inverse over the "
     "inverse length.  Of a metal the ionic contribution."},
    {"thermal_conductivity_z",
     "thermal conductivity from an imposed flux against that from fluctuations", "1", NULL,
     PROP_PER_POINT, "thermal_conductivity rnemd_heat", NULL,
     "Difference of thermal_conductivity_rnemd and thermal_conductivity over its standard error."},
    {"thermal_diffusivity", "thermal diffusivity", "m2 s-1", NULL, PROP_PER_POINT,
     "thermal_conductivity density heat_capacity", NULL,
     "Thermal conductivity over density and specific heat capacity at constant pressure."},
    {"prandtl", "Prandtl number", "1", NULL, PROP_PER_POINT,
     "thermal_conductivity viscosity heat_capacity", NULL,
     "Viscosity times specific heat capacity at constant pressure over thermal conductivity."},
    {"coordination", "coordination number of the second species around the first", "1", NULL,
     PROP_PER_PAIR, "structure", NULL,
     "Integral of the radial distribution function to its first minimum after the first maximum."},
    {"rdf_peak", "position of the first maximum of the radial distribution function", "m", NULL,
     PROP_PER_PAIR, "structure", NULL,
     "First maximum of the lightly smoothed radial distribution function, refined by a parabola."},
    {"pair_apart", "share of the first ions without the second in their first shell", "1", NULL,
     PROP_PER_PAIR, "structure ion_pairs", NULL,
     "Ions of opposite charge farther than the first minimum of their g(r): separated by solvent, "
     "or "
     "free; error from replicas."},
    {"pair_contact", "share of the first ions with one of the second in their first shell", "1",
     NULL, PROP_PER_PAIR, "structure ion_pairs", NULL,
     "Ions with exactly one counter-ion of this kind closer than the first minimum of their g(r); "
     "error from replicas."},
    {"pair_aggregate", "share of the first ions with several of the second in their first shell",
     "1", NULL, PROP_PER_PAIR, "structure ion_pairs", NULL,
     "Ions with two or more counter-ions of this kind closer than the first minimum of their g(r); "
     "error from replicas."},
    {"shell_lifetime",
     "time that an atom of the second species stays in the first shell of one of the first", "s",
     NULL, PROP_PER_PAIR, "structure lifetimes", NULL,
     "Time that pairs of atoms are closer than the radius given, over the number of times that "
     "they part for longer than the tolerance; visits shorter than it are left out."},
};

PetscInt prop_count(void)
{
  return PROP_NID;
}

const prop_definition *prop_get(PetscInt i)
{
  return i >= 0 && i < prop_count() ? &definitions[i] : NULL;
}

const prop_definition *prop_find(const char *name)
{
  for (PetscInt i = 0; i < prop_count(); i++) {
    if (strcmp(definitions[i].name, name) == 0) return &definitions[i];
  }
  return NULL;
}

PetscInt prop_width(const prop_definition *definition, PetscInt nspecies)
{
  switch (definition->shape) {
  case PROP_PER_POINT:
    break;
  case PROP_PER_SPECIES:
    return nspecies;
  case PROP_PER_PAIR:
    return nspecies * nspecies;
  }
  return 1;
}
