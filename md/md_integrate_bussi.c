/* md/md_integrate_bussi.c - stochastic velocity rescaling
 *
 * All velocities are multiplied by alpha, drawn so that the kinetic energy K follows the exact
 * solution over dt of  dK = (K0 - K) dt/tau + 2 sqrt(K K0 / (Nf tau)) dW,  K0 = Nf k_B T / 2, whose
 * stationary distribution is the canonical one:
 *
 *   alpha^2 = c + (1-c) K0/(Nf K) (R^2 + S) + 2 R sqrt(c (1-c) K0/(Nf K)),   c = exp(-dt/tau),
 *   sign(alpha) = sign(R + sqrt(c Nf K / ((1-c) K0))),
 *
 * R a standard normal, S the sum of Nf - 1 squares of standard normals, Nf = 3n-3 (3 for one atom).
 * alpha sqrt(K) is the sum of c^1/2 sqrt(K) and noise along the present velocity, which may change
 * its sign: that matters when dt/tau is large or Nf small.  The rescaling is applied once, after
 * velocity Verlet.  Momentum is only rescaled: it stays zero.
 *
 * Source: Bussi, Donadio & Parrinello, J. Chem. Phys. 126, 014101 (2007), doi:10.1063/1.2408420;
 * sign of alpha: Bussi & Parrinello, Comput. Phys. Commun. 179, 26 (2008),
 * doi:10.1016/j.cpc.2008.01.006.
 * Verified by: tests/verify/test_md_thermostat.c
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

PetscErrorCode md__bussi(md_run *run, PetscReal dt)
{
  const md_protocol *p = &run->protocol;
  const md_atoms *atoms = &run->atoms;
  const PetscInt degrees = md__degrees(run);
  const PetscReal c = PetscExpReal(-dt / p->tau_t);
  const PetscReal quantum = 0.5 * MD_BOLTZMANN * md__target(run); /* K0 / Nf */
  PetscReal normal[2], rest, noise, along, alpha, kinetic;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &kinetic));
  if (!(kinetic > 0.0)) PetscFunctionReturn(0); /* nothing to rescale, or already not a number */
  md_rng_normal2(p->rng, MD_RNG_BUSSI, (uint64_t)run->step, 0, normal);
  rest = md_rng_chi2(p->rng, MD_RNG_BUSSI, (uint64_t)run->step, 0, degrees - 1);
  noise = (1.0 - c) * quantum / kinetic;
  along = PetscSqrtReal(c) + PetscSqrtReal(noise) * normal[0];
  alpha = PetscSqrtReal(along * along + noise * rest);
  if (along < 0.0) alpha = -alpha;
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->v[k] *= alpha;
  run->work += (alpha * alpha - 1.0) * kinetic;
  PetscFunctionReturn(0);
}

PetscErrorCode md__step_bussi(md_run *run)
{
  PetscFunctionBegin;
  PetscCall(md__step_nve(run));
  PetscCall(md__bussi(run, run->protocol.dt));
  PetscFunctionReturn(0);
}
