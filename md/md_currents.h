/* md/md_currents.h - what flows: charge, mass of each species, heat
 *
 * Green-Kubo wants these currents at every step of a run.  They are sums over atoms, not divided by
 * the volume.  An observer that needs them says so (md_run_observe_with()); the run then computes
 * them at the steps at which it looks, and the functions here make of its sample
 *
 *   charge of all      j_a   = sum_s q_s C_s,a             C_s = sum of v_i over species s
 *   mass of a species  j_s,a = m_s C_s,a
 *   heat               J_a   = sum_j (E_j v_j,a + W_j[a][b] v_j,b)
 *   with               E_j   = m_j v_j^2 / 2 + U_j,   W_j[a][b] = -sum_i r_ij,a g_ij,b,
 *                      r_ij  = r_j - r_i,             g_ij = dU_i/dr_ij.
 *
 * J is the time derivative of sum_j r_j E_j of a system without periodic images, for any potential
 * that is a sum of site energies U_i of the vectors to neighbours.  md/README.md derives it and
 * says why W belongs to the neighbour.  Velocities are those of the laboratory: total momentum is
 * taken out at the start of a stage with a thermostat, and NVE keeps it.
 * Source: Fan et al., Phys. Rev. B 92, 094301 (2015), doi:10.1103/PhysRevB.92.094301, for many-body
 * potentials.
 *
 * Not collective: samples hold the sums over all ranks.
 * Verified by: tests/unit/md/test_md_currents.c, tests/verify/test_md_heat.c
 */
#pragma once

#include "md/md_run.h"

/* [e Å/fs] of charges [nspecies, e]; NaN without MD_NEED_CURRENTS, here and in the next two. */
void md_current_charge(const md_sample *sample, const PetscReal charge[], PetscReal j[3]);
/* [eV fs/Å] */
void md_current_mass(const md_sample *sample, PetscInt species, PetscReal j[3]);
/* [eV fs/Å] seen from the centre of mass: m_s (C_s - n_s V), V the velocity of that; the sum over
   all species is zero. */
void md_current_mass_relative(const md_sample *sample, PetscInt species, PetscReal j[3]);
/* [eV Å/fs] J, the sum of the three parts; NaN without MD_NEED_HEAT. */
void md_current_heat(const md_sample *sample, PetscReal j[3]);
