/* md/md_integrate_scr.c - constant pressure: stochastic cell rescaling
 *
 * The cell follows the overdamped equation whose stationary distribution is the isothermal-isobaric
 * one. First the volume alone, p(V) dV ~ Z(V) exp(-P0 V / k_B T) dV with d ln Z / dV = <P> / k_B
 * T. Its diffusion coefficient is D(V) = k_B T beta V / tau_p, so that in V, in the sense of Ito,
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
 * Groups of axes.  Let e_g = ln L_g for groups g of n_g axes that move together (md_shape), m = sum
 * n_g.  The distribution is p ~ Z exp(-P0 V / k_B T) V prod de_g, that is dL_x dL_y dL_z for three
 * groups, dA dL_z for two, dV for one.  With D_g = k_B T beta / (m n_g tau_p V) and P_g the mean of
 * the diagonal of the pressure over the axes of the group,
 *
 *   de_g = (D_g d/de_g ln p + dD_g/de_g) dt + sqrt(2 D_g) dW_g
 *        = (D_g [n_g + n_g V (P_g - P0) / k_B T] - n_g D_g) dt + sqrt(2 D_g) dW_g
 *        = beta / (m tau_p) (P_g - P0) dt + sqrt(2 k_B T beta / (m n_g tau_p V)) dW_g:
 *
 * again no term in k_B T. Adding up, ln V = sum n_g e_g obeys the equation of the volume above
 * with the mean P over the axes that move and dW = sum sqrt(n_g/m) dW_g. What is left, the shape
 * s_g = e_g - ln V / m, has a noise that is independent of dW (their covariance is 2 D_g n_g dt - 2
 * k_B T beta / (m tau_p V) dt = 0) and depends on V but not on s: there Euler's step in Ito's sense
 * needs no further term. So lambda is integrated as before and the s_g beside it.
 *
 * P is the instantaneous internal pressure (sum m v_k^2 + W_kk) / V with the kinetic energy of the
 * atoms, so velocities are divided by what positions are multiplied with: that conserves
 * phase-space volume in scaled coordinates.  The momentum is zero, K has 3N-3 degrees, and hence
 * <P> = P0 exactly and, for an ideal gas, Z ~ V^(N-1): <V> = N k_B T / P0 and
 * Var V = N (k_B T / P0)^2.  Counting the centre of mass's k_B T / V in the pressure would make it
 * Z ~ V^N; as it is, <V> of the ideal gas is that of the thermodynamic limit.  beta only sets the
 * speed: with the true compressibility the volume relaxes in tau_p.
 *
 * A step: half a kick, half a drift, rescaling by the pressure at the start of the step, half a
 * drift, forces, half a kick, thermostat (md_integrate_bussi.c or md_integrate_langevin.c). The
 * rescaling sits between the drifts, so that one evaluation of forces a step is enough. Its work
 * is exact for the kinetic energy and, for the potential energy, minus the integral of tr W / (3 V)
 * dV (of sum W_kk de_k where the shape changes) by the trapezium rule between the two evaluations.
 *
 * Sources: Bernetti & Bussi, J. Chem. Phys. 153, 114107 (2020), doi:10.1063/5.0020514; cells of
 * changing shape: Del Tatto, Raiteri, Bernetti & Bussi, Appl. Sci. 12, 1139 (2022),
 * doi:10.3390/app12031139; derived again above because the term in k_B T depends on the variable.
 * Verified by: tests/verify/test_md_barostat.c, test_md_cell.c, test_md_ensemble.c
 */
#include "md/md_run_impl.h"

#include "md/md_units.h"

/* The cell before a step and what becomes of it. */
typedef struct {
  md__axes axes;
  PetscReal volume, next; /* [Å^3] */
  PetscReal mean;         /* [eV/Å^3] pressure over the axes that move */
  PetscReal group[3];     /* [eV/Å^3] pressure over the axes of a group */
  PetscReal virial[3];    /* [eV] W_kk at the start */
  PetscReal noise;        /* of the volume, standard normal */
  PetscReal shape[3];     /* change of s_g */
} rescaling;

/* Pressures at the start of the step. */
static PetscErrorCode look(const md_run *run, rescaling *r)
{
  PetscReal kinetic[9];

  PetscFunctionBegin;
  *r =
      (rescaling){.axes = md__axes_of(run->protocol.shape), .volume = md_atoms_volume(&run->atoms)};
  PetscCall(md__kinetic_tensor(run, kinetic));
  for (int k = 0; k < 3; k++) {
    const int g = r->axes.group[k];
    const PetscReal pressure = (kinetic[4 * k] + run->result.virial[4 * k]) / r->volume;

    r->virial[k] = run->result.virial[4 * k];
    if (g < 0) continue;
    r->group[g] += pressure / (PetscReal)r->axes.count[g];
    r->mean += pressure / (PetscReal)r->axes.moving;
  }
  PetscFunctionReturn(0);
}

/* Noise of the volume and steps of the shape; one normal deviate a group. */
static void draw(const md_run *run, rescaling *r)
{
  const md_protocol *p = &run->protocol;
  const PetscReal kt = MD_BOLTZMANN * md__target(run), m = (PetscReal)r->axes.moving;
  const PetscReal rate = p->compressibility * p->dt / p->tau_p;
  PetscReal normal[4], sum = 0.0;

  md_rng_normal2(p->rng, MD_RNG_BAROSTAT, (uint64_t)run->step, 0, &normal[0]);
  md_rng_normal2(p->rng, MD_RNG_BAROSTAT, (uint64_t)run->step, 1, &normal[2]);
  for (int g = 0; g < r->axes.n; g++) {
    const PetscReal n = (PetscReal)r->axes.count[g];
    const PetscReal width = PetscSqrtReal(2.0 * kt * rate / (m * n * r->volume));

    r->noise += PetscSqrtReal(n / m) * normal[g];
    r->shape[g] = rate / m * (r->group[g] - r->mean) + width * normal[g];
    sum += n * width * normal[g];
  }
  for (int g = 0; g < r->axes.n; g++) r->shape[g] -= sum / m;
  if (r->axes.n == 1) r->shape[0] = 0.0; /* but for round-off */
}

/* [Å^3] volume after dt; the cell's longest edge moves at most max_step, if there is a limit */
static PetscReal next_volume(const md_run *run, const rescaling *r)
{
  const md_protocol *p = &run->protocol;
  const PetscReal kt = MD_BOLTZMANN * md__target(run);
  const PetscReal rate = p->compressibility * p->dt / p->tau_p;
  const PetscReal lambda = PetscSqrtReal(r->volume);
  PetscReal step = 0.5 * rate * lambda * (r->mean - p->pressure + 0.5 * kt / r->volume) +
                   PetscSqrtReal(0.5 * kt * rate) * r->noise;

  if (p->max_step > 0.0) { /* dL / L = 2/m dlambda / lambda */
    const PetscReal limit = 0.5 * (PetscReal)r->axes.moving * lambda * p->max_step /
                            md__longest_edge((const PetscReal(*)[3])run->atoms.h);

    step = PetscMax(-limit, PetscMin(limit, step));
  }
  return step > -lambda ? (lambda + step) * (lambda + step) : 0.0;
}

/* What the volume left of max_step is there for the shape. */
static void limit_shape(const md_run *run, rescaling *r)
{
  const PetscReal edge = md__longest_edge((const PetscReal(*)[3])run->atoms.h);
  const PetscReal used =
      PetscAbsReal(PetscLogReal(r->next / r->volume)) / (PetscReal)r->axes.moving;
  const PetscReal room = PetscMax(0.0, run->protocol.max_step / edge - used);
  PetscReal largest = 0.0;

  if (run->protocol.max_step <= 0.0) return;
  for (int g = 0; g < r->axes.n; g++) largest = PetscMax(largest, PetscAbsReal(r->shape[g]));
  if (largest <= room) return;
  for (int g = 0; g < r->axes.n; g++) r->shape[g] *= room / largest;
}

static void factors(const rescaling *r, PetscReal scale[3])
{
  const PetscReal all = PetscPowReal(r->next / r->volume, 1.0 / (PetscReal)r->axes.moving);

  for (int k = 0; k < 3; k++) {
    const int g = r->axes.group[k];

    scale[k] = g < 0 ? 1.0 : all * PetscExpReal(r->shape[g]);
  }
}

static PetscErrorCode rescale(md_run *run, const PetscReal scale[3])
{
  const md_atoms *atoms = &run->atoms;
  PetscReal kinetic[9];

  PetscFunctionBegin;
  PetscCall(md__kinetic_tensor(run, kinetic));
  for (int k = 0; k < 3; k++) {
    run->work += 0.5 * (1.0 / (scale[k] * scale[k]) - 1.0) * kinetic[4 * k];
  }
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->v[k] /= scale[k % 3];
  md__stretch(run, scale);
  PetscFunctionReturn(0);
}

/* [eV] work on the potential energy */
static PetscReal work_on_potential(const rescaling *r, const PetscReal virial[9])
{
  PetscReal before = 0.0, after = 0.0, shape = 0.0;

  for (int k = 0; k < 3; k++) {
    const int g = r->axes.group[k];

    if (g < 0) continue;
    before += r->virial[k] / ((PetscReal)r->axes.moving * r->volume);
    after += virial[4 * k] / ((PetscReal)r->axes.moving * r->next);
    shape += 0.5 * (r->virial[k] + virial[4 * k]) * r->shape[g];
  }
  return -0.5 * (before + after) * (r->next - r->volume) - shape;
}

PetscErrorCode md__step_scr(md_run *run)
{
  const PetscReal dt = run->protocol.dt;
  PetscReal scale[3];
  rescaling r;

  PetscFunctionBegin;
  PetscCall(look(run, &r));
  draw(run, &r);
  r.next = next_volume(run, &r);
  limit_shape(run, &r);
  factors(&r, scale);
  if (!md__plausible(run, scale)) PetscFunctionReturn(0);
  PetscCall(md__kick(run, 0.5 * dt));
  md__drift(run, 0.5 * dt);
  PetscCall(rescale(run, scale));
  md__drift(run, 0.5 * dt);
  PetscCall(md__forces(run));
  PetscCall(md__kick(run, 0.5 * dt));
  run->work += work_on_potential(&r, run->result.virial);
  if (run->protocol.ensemble == MD_NPT_SCR_LANGEVIN)
    PetscCall(md__langevin(run, dt));
  else
    PetscCall(md__bussi(run, dt));
  PetscFunctionReturn(0);
}
