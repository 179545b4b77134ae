/* md/md_integrate_langevin.c - Langevin dynamics by the BAOAB splitting
 *
 * B half a kick, A half a drift, O the exact Ornstein-Uhlenbeck step
 *   v <- c v + sqrt(1 - c^2) sqrt(k_B T / m) xi,  c = exp(-dt / tau_t),
 * A half a drift, forces, B half a kick.  Of the splittings with one force a step this one has the
 * smallest error in configurational averages: for a harmonic oscillator none at all.
 *
 * Centre of mass: the noise sqrt(k_B T/m) xi of all atoms has its centre-of-mass velocity taken
 * out. In mass-weighted coordinates that is the orthogonal projection on momentum zero, so what is
 * left has exactly the covariance of the Maxwell distribution with zero momentum: momentum stays
 * zero and the kinetic energy has the canonical mean and variance of 3n-3 degrees.  One atom alone
 * keeps its 3 degrees.
 *
 * Source: Leimkuhler & Matthews, J. Chem. Phys. 138, 174102 (2013), doi:10.1063/1.4802990.
 * Verified by: tests/verify/test_md_thermostat.c
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

/* sqrt(k_B T / m) xi of atom i [Å/fs] */
static void thermal_noise(const md_run *run, PetscReal kt, PetscInt i, PetscReal noise[3])
{
  const PetscReal width = PetscSqrtReal(kt / run->atoms.mass[run->atoms.type[i]]);

  md_rng_normal3(run->protocol.rng, MD_RNG_LANGEVIN, (uint64_t)run->step,
                 (uint32_t)run->atoms.id[i], noise);
  for (int a = 0; a < 3; a++) noise[a] *= width;
}

PetscErrorCode md__langevin(md_run *run, PetscReal dt)
{
  md_atoms *atoms = &run->atoms;
  const PetscReal c = PetscExpReal(-dt / run->protocol.tau_t);
  const PetscReal s = PetscSqrtReal(1.0 - c * c), kt = MD_BOLTZMANN * md__target(run);
  PetscReal momentum[3] = {0.0, 0.0, 0.0}, noise[3], before, after;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &before));
  for (PetscInt i = 0; i < atoms->n; i++) {
    thermal_noise(run, kt, i, noise);
    for (int a = 0; a < 3; a++) {
      momentum[a] += atoms->mass[atoms->type[i]] * noise[a];
      atoms->v[3 * (size_t)i + a] = c * atoms->v[3 * (size_t)i + a] + s * noise[a];
    }
  }
  if (run->total > 1) {
    PetscCall(md__sum(run, 3, momentum));
    for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) {
      atoms->v[k] -= s * momentum[k % 3] / run->total_mass;
    }
  }
  PetscCall(md__kinetic(run, &after));
  run->work += after - before;
  PetscCall(md__limit_speed(run));
  PetscFunctionReturn(0);
}

PetscErrorCode md__step_langevin(md_run *run)
{
  const PetscReal dt = run->protocol.dt;

  PetscFunctionBegin;
  PetscCall(md__kick(run, 0.5 * dt));
  md__drift(run, 0.5 * dt);
  PetscCall(md__langevin(run, dt));
  md__drift(run, 0.5 * dt);
  PetscCall(md__forces(run));
  PetscCall(md__kick(run, 0.5 * dt));
  PetscFunctionReturn(0);
}
