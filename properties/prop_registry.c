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
    {"potential_energy", "potential energy per mole of atoms", "J mol-1", NULL, PROP_PER_POINT,
     "potential_energy", NULL,
     "Mean potential energy of the constant-pressure run over the number of atoms after "
     "equilibration detection; error corrected for correlation in time and checked against "
     "replicas."},
    {"kinetic_temperature", "kinetic temperature of the constant-energy run", "K", NULL,
     PROP_PER_POINT, "diffusion", NULL,
     "Mean kinetic temperature of the constant-energy run; error from the spread between "
     "replicas, whose energies differ as the canonical ensemble says."},
    {"diffusion", "self-diffusion coefficient", "m2 s-1", NULL, PROP_PER_SPECIES, "diffusion", NULL,
     "One sixth of the slope of the multi-origin mean squared displacement in the constant-energy "
     "run, window found automatically; error from consecutive parts of the run and from "
     "replicas."},
    {"coordination", "coordination number of the second species around the first", "1", NULL,
     PROP_PER_PAIR, "structure", NULL,
     "Integral of the radial distribution function to its first minimum after the first maximum."},
    {"rdf_peak", "position of the first maximum of the radial distribution function", "m", NULL,
     PROP_PER_PAIR, "structure", NULL,
     "First maximum of the lightly smoothed radial distribution function, refined by a parabola."},
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
