/* md/md_integrate_scr.c - constant pressure: isotropic stochastic cell rescaling
 *
 * The volume follows the overdamped equation whose stationary distribution is the
 * isothermal-isobaric one, p(V) dV ~ Z(V) exp(-P0 V / k_B T) dV with d ln Z / dV = <P> / k_B T.
 * Its diffusion coefficient is D(V) = k_B T beta V / tau_p, so that in V, in the sense of Ito,
 *
 *   dV = (D d/dV ln p + dD/dV) dt + sqrt(2 D) dW
 *      = beta V / tau_p (P - P0 + k_B T / V) dt + sqrt(2 k_B T beta V / tau_p) dW,
 *
 * and, by Ito's formula, for lambda = sqrt(V), where the noise no longer depends on the state,
 *
 *   dlambda = beta lambda / (2 tau_p) (P - P0 + k_B T / (2 V)) dt
 *           + sqrt(k_B T beta / (2 tau_p)) dW.
 *
 * This last form is integrated (Euler, one step a time step): with additive noise the result does
 * not depend on the choice of stochastic calculus, and in one step V cannot become negative unseen.
 * In epsilon = ln V the same process has no term in k_B T at all: the term k_B T / V belongs to V,
 * k_B T / (2V) to lambda, and to mix them up moves <V> by k_B T / P0 in an ideal gas.
 *
 * P is the instantaneous internal pressure (2 K + tr W) / (3 V) with the kinetic energy of the
 * atoms, so velocities are divided by what positions are multiplied with: that conserves
 * phase-space volume in scaled coordinates.  The momentum is zero, K has 3N-3 degrees, and hence
 * <P> = P0 exactly and, for an ideal gas, Z ~ V^(N-1): <V> = N k_B T / P0 and
 * Var V = N (k_B T / P0)^2.  Counting the centre of mass's k_B T / V in the pressure would make it
 * Z ~ V^N; as it is, <V> of the ideal gas is that of the thermodynamic limit.  beta only sets the
 * speed: with the true compressibility the volume relaxes in tau_p.
 *
 * A step: half a kick, half a drift, rescaling by the pressure at the start of the step, half a
 * drift, forces, half a kick, thermostat (md_integrate_bussi.c).  The rescaling sits between the
 * drifts, so that one evaluation of forces a step is enough.  Its work is exact for the kinetic
 * energy and, for the potential energy, -integral of tr W / (3 V) dV by the trapezium rule between
 * the two evaluations.
 *
 * Source: Bernetti & Bussi, J. Chem. Phys. 153, 114107 (2020), doi:10.1063/5.0020514; derived again
 * above because the term in k_B T depends on the variable.
 * Verified by: tests/verify/test_md_barostat.c
 */
#include "md/md_run_impl.h"

#include "md/md_units.h"

/* [Å] length of the longest lattice vector */
static PetscReal longest_edge(const PetscReal h[3][3])
{
  PetscReal square = 0.0;

  for (int a = 0; a < 3; a++) {
    square = PetscMax(square, h[a][0] * h[a][0] + h[a][1] * h[a][1] + h[a][2] * h[a][2]);
  }
  return PetscSqrtReal(square);
}

/* [Å^3] volume after dt; the cell's longest edge moves at most max_step, if there is a limit */
static PetscReal next_volume(const md_run *run, PetscReal volume, PetscReal pressure)
{
  const md_protocol *p = &run->protocol;
  const PetscReal kt = MD_BOLTZMANN * p->temperature, rate = p->compressibility * p->dt / p->tau_p;
  const PetscReal lambda = PetscSqrtReal(volume);
  PetscReal normal[2], step, limit;

  md_rng_normal2(p->rng, MD_RNG_BAROSTAT, (uint64_t)run->step, 0, normal);
  step = 0.5 * rate * lambda * (pressure - p->pressure + 0.5 * kt / volume) +
         PetscSqrtReal(0.5 * kt * rate) * normal[0];
  if (p->max_step > 0.0) { /* dL / L = 2/3 dlambda / lambda */
    limit = 1.5 * lambda * p->max_step / longest_edge((const PetscReal(*)[3])run->atoms.h);
    step = PetscMax(-limit, PetscMin(limit, step));
  }
  return step > -lambda ? (lambda + step) * (lambda + step) : 0.0;
}

/* A volume that doubles or halves in one step is no fluctuation: the run ends before a list is
   built from it. */
static PetscBool plausible(md_run *run, PetscReal volume, PetscReal next)
{
  if (next >= 0.5 * volume && next <= 2.0 * volume) return PETSC_TRUE;
  md__speak(run, PetscIsInfOrNanReal(next) ? MD_NOT_FINITE : MD_DENSITY_COLLAPSE,
            "the barostat changes the volume from %.6g to %.6g Å^3 in step %" PetscInt64_FMT,
            (double)volume, (double)next, run->step);
  return PETSC_FALSE;
}

static PetscErrorCode rescale(md_run *run, PetscReal scale)
{
  md_atoms *atoms = &run->atoms;
  PetscReal kinetic;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &kinetic));
  run->work += (1.0 / (scale * scale) - 1.0) * kinetic;
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) {
    atoms->x[k] *= scale;
    atoms->v[k] /= scale;
  }
  for (int ab = 0; ab < 9; ab++) atoms->h[ab / 3][ab % 3] *= scale;
  PetscFunctionReturn(0);
}

PetscErrorCode md__step_scr(md_run *run)
{
  const PetscReal dt = run->protocol.dt, volume = md_atoms_volume(&run->atoms);
  const PetscReal virial = md__trace(run->result.virial) / (3.0 * volume);
  PetscReal kinetic, next;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &kinetic));
  next = next_volume(run, volume, virial + 2.0 * kinetic / (3.0 * volume));
  if (!plausible(run, volume, next)) PetscFunctionReturn(0);
  PetscCall(md__kick(run, 0.5 * dt));
  md__drift(run, 0.5 * dt);
  PetscCall(rescale(run, PetscPowReal(next / volume, 1.0 / 3.0)));
  md__drift(run, 0.5 * dt);
  PetscCall(md__forces(run));
  PetscCall(md__kick(run, 0.5 * dt));
  run->work -= 0.5 * (virial + md__trace(run->result.virial) / (3.0 * next)) * (next - volume);
  PetscCall(md__bussi(run, dt));
  PetscFunctionReturn(0);
}
