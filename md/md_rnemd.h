/* md/md_rnemd.h - a flux of heat or momentum imposed by exchanging velocities (reverse
 * non-equilibrium molecular dynamics)
 *
 * The cell is cut into `slabs` equal slabs along its third lattice vector; slab k holds the atoms
 * whose fractional coordinate, wrapped into [0, 1), lies in [k, k+1)/slabs.  Every `period` steps
 * two atoms of equal mass, one in slab 0 and one in slab slabs/2, exchange
 *
 *   MD_RNEMD_HEAT   their velocity vectors: the hottest atom of slab 0 (which gets cold) and the
 *                   coldest atom of slab slabs/2 (which gets hot);
 *   MD_RNEMD_SHEAR  their velocities along x: the atom of slab 0 that moves fastest towards -x and
 *                   the atom of slab slabs/2 that moves fastest towards +x.
 *
 * What was exchanged flows back through the liquid by two ways, so that the flux is
 *
 *   j = exchanged / (2 A t),   A = |a x b|,
 *
 * and the gradient that it makes (md_profile.h) gives the conductivity or the viscosity
 * (properties/prop_rnemd.h).  Mass, momentum and energy of the system stay what they were to
 * round-off, because the masses are equal: nothing is booked as work.  That holds for shear as
 * well: the exchange turns heat of the two slabs into flow, the liquid turns it back into heat in
 * between, and the heat runs to the two slabs.  No thermostat is needed in either case.
 *
 * Energies are those of the frame of the cell, not relative to the slab: that difference, and no
 * other, is what the exchange moves from one slab to the other.  The velocity of a slab's centre of
 * mass is thermal noise in z, and in heat mode in all directions.
 *
 * Species: atoms of all species whose masses are the same bit for bit form a class.  An exchange
 * takes place in the class in which it moves most.  Where it would move nothing or move it
 * backwards (a slab without atoms, a gradient so steep that the hottest atom of the cold slab is
 * colder than the coldest of the hot one) it does not happen and is counted as missed.
 *
 * Equal candidates are told apart by their number, so that the choice does not depend on the order
 * of atoms or on the number of ranks.
 *
 * Source: heat: Müller-Plathe, J. Chem. Phys. 106, 6082 (1997), doi:10.1063/1.473271; shear:
 * Müller-Plathe, Phys. Rev. E 59, 4894 (1999), doi:10.1103/PhysRevE.59.4894.
 * Verified by: tests/unit/md/test_md_rnemd.c, tests/restart/test_md_restart.c,
 * tests/verify/test_md_rnemd_ranks.c, test_lj_transport.c
 */
#pragma once

#include <petscsys.h>

typedef enum { MD_RNEMD_OFF, MD_RNEMD_HEAT, MD_RNEMD_SHEAR, MD_RNEMD_NKIND } md_rnemd_kind;

/* Part of the protocol; {0} is off. */
typedef struct {
  md_rnemd_kind kind;
  PetscInt slabs;  /* even, >= 4 */
  PetscInt period; /* [steps] >= 1; exchanges take place at steps of the stage divisible by it */
  PetscInt swaps;  /* >= 1 exchanges each time, one after the other */
} md_rnemd;

/* What has been exchanged since the start of the stage. */
typedef struct {
  PetscInt64 done, missed;
  PetscReal exchanged; /* heat: [eV] from slab 0 to slab slabs/2; shear: [eV fs/Å] x momentum from
                          slab slabs/2 to slab 0 */
} md_rnemd_tally;
