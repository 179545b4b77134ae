/* properties/prop_channels.h - what the channels of the two streams of a replica are
 *
 * NVE production, sampled at every step:
 *   pressure      6              xx yy zz yz xz xy [eV/Å^3], kinetic part and virial
 *   current       3 nspecies     sum of v_i over the atoms of a species [Å/fs]; x y z of the first
 *                                species, then of the second, ...
 *   temperature   1              kinetic [K]
 *   potential     1              potential energy [eV] of all atoms
 *   heat          3              heat current [eV Å/fs] (md_current_heat()); only where a property
 *                                needs it
 * NPT production, sampled at every step:
 *   volume [Å^3], enthalpy [eV] K + U + P V of all atoms with the pressure P that the barostat is
 *   set to, potential energy [eV], kinetic temperature [K], and (V - V0)^2, (H - H0)^2,
 *   (H - H0) (V - V0), V0 and H0 the first samples (prop_stream.origin).
 *
 * Not collective.  Verified by: tests/unit/properties/test_prop_stream.c
 */
#pragma once

#include "properties/prop_stream.h"

enum { PROP_NVE_PRESSURE = 0, PROP_NVE_CURRENTS = 6 };
enum {
  PROP_NPT_VOLUME,
  PROP_NPT_ENTHALPY,
  PROP_NPT_POTENTIAL,
  PROP_NPT_TEMPERATURE,
  PROP_NPT_VV,
  PROP_NPT_HH,
  PROP_NPT_HV,
  PROP_NPT_CHANNELS
};

/* x of the current of a species; y and z follow */
static inline PetscInt prop_nve_current(PetscInt species)
{
  return PROP_NVE_CURRENTS + 3 * species;
}

static inline PetscInt prop_nve_temperature(PetscInt nspecies)
{
  return PROP_NVE_CURRENTS + 3 * nspecies;
}

static inline PetscInt prop_nve_potential(PetscInt nspecies)
{
  return prop_nve_temperature(nspecies) + 1;
}

/* x of the heat current; y and z follow */
static inline PetscInt prop_nve_heat(PetscInt nspecies)
{
  return prop_nve_potential(nspecies) + 1;
}

/* Channels with and without heat. */
static inline PetscInt prop_nve_channels(PetscInt nspecies, PetscBool heat)
{
  return prop_nve_heat(nspecies) + (heat ? 3 : 0);
}

/* Whether a stream has the heat current. */
static inline PetscBool prop_nve_has_heat(const prop_stream *stream, PetscInt nspecies)
{
  return (PetscBool)(stream->nchannel == prop_nve_channels(nspecies, PETSC_TRUE));
}
