/* md/md_integrate_mtk.c - constant pressure: Martyna-Tobias-Klein barostat with Nosé-Hoover chains
 *
 * The cell is stretched along the axes k = x, y, z of space at the rates u_k = d ln L_k / dt, equal
 * within a group g of n_g axes (md_shape), zero for axes that do not move.  With S = sum_k u_k and
 * N degrees of freedom (3n-3: the momentum is zero),
 *
 *   dr_k/dt = v_k + u_k r_k
 *   dv_k/dt = f_k/m - (u_k + S/N) v_k
 *   W_g du_g/dt = sum_(k in g) [T_kk + W_kk - P0 V] + n_g/N 2K,   T_kk = sum_i m_i v_ik^2,
 *
 * W_kk the virial, K the kinetic energy, and a chain each (md_integrate_nhc.c) for the particles
 * and for every u_g (one for all of them would leave it to the crystal to share energy out between
 * volume and shape). Multiplying by the velocities and adding up, the sum of K + U + P0 V, of W_g
 * u_g^2 / 2 of all groups and of the energies of the chains is conserved. The divergence of the
 * flow in the 3n-3 relative positions is (n-1) S, in their velocities -(n-1) S - S, in ln L_g and
 * u_g none; hence the measure V dr dv prod_g d ln L_g du_g is conserved, and what is sampled is
 *
 *   p ~ Z(L) exp(-P0 V / k_B T) V prod_g d ln L_g.
 *
 * Isotropic, that is Z(V) exp(-P0 V / k_B T) dV; with three groups dL_x dL_y dL_z; with x and y
 * together dA dL_z.  It is the distribution of md_integrate_scr.c to the last factor: <P_kk> = P0
 * and <V (P_kk - P0)> = -k_B T for every axis (in the mean over the axes of a group), and an ideal
 * gas would have <V> = n k_B T / P0.  The term in 2K/N is what makes it so.
 *
 * Masses: W_g = n_g/3 (N + 3) k_B T tau_p^2; the chains of the cell have tau_p, that of the
 * particles tau_t. The cell swings at a frequency omega, isotropic with omega^2 = 9 B V / W for a
 * bulk modulus B, and as in every scheme of Verlet's kind it fluctuates too much by the fraction
 * (omega dt)^2/4: 2e-5 for a melt of 10 GPa at 1000 K with 1 ps and 1 fs, 1.5 % at 30 fs.
 *
 * A step, symmetric in time, in which every part is solved exactly:
 *   chains of the cell dt/2, chain of the particles dt/2, u dt/2, velocities dt/2,
 *   positions and cell dt, forces, and the same backwards.
 * Solving dv/dt = f/m - a v and dr/dt = v + u r exactly needs sinh(x)/x.
 *
 * Sources: Martyna, Tobias & Klein, J. Chem. Phys. 101, 4177 (1994), doi:10.1063/1.467468; order of
 * the parts: Tuckerman, Alejandre, López-Rendón, Jochim & Martyna, J. Phys. A 39, 5629 (2006),
 * doi:10.1088/0305-4470/39/19/S18; groups of axes and degrees of freedom derived above.
 * Verified by: tests/verify/test_md_chain.c, test_md_cell.c, test_md_ensemble.c
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

/* sinh(x)/x; the series where x is small, to 1e-17 */
static PetscReal sinh_ratio(PetscReal x)
{
  const PetscReal s = x * x;

  if (s > 0.01) return 0.5 * (PetscExpReal(x) - PetscExpReal(-x)) / x;
  return 1.0 + s / 6.0 * (1.0 + s / 20.0 * (1.0 + s / 42.0 * (1.0 + s / 72.0)));
}

/* [eV fs^2] */
static PetscReal group_mass(const md_run *run, const md__axes *axes, int g)
{
  const PetscReal kt = MD_BOLTZMANN * md__target(run), tau = run->protocol.tau_p;

  return (PetscReal)axes->count[g] / 3.0 * ((PetscReal)md__degrees(run) + 3.0) * kt * tau * tau;
}

/* [eV] of the rates of the cell */
static PetscReal cell_kinetic(const md_run *run, const md__axes *axes)
{
  PetscReal sum = 0.0;

  for (int g = 0; g < axes->n; g++) {
    sum += 0.5 * group_mass(run, axes, g) * PetscSqr(run->extended.rate[g]);
  }
  return sum;
}

/* [eV] energy of the cell */
static PetscReal cell_energy(const md_run *run, const md__axes *axes)
{
  return cell_kinetic(run, axes) + run->protocol.pressure * md_atoms_volume(&run->atoms);
}

/* Rates of the axes, and their sum. */
static PetscReal axis_rates(const md_run *run, const md__axes *axes, PetscReal u[3])
{
  for (int k = 0; k < 3; k++) u[k] = axes->group[k] < 0 ? 0.0 : run->extended.rate[axes->group[k]];
  return u[0] + u[1] + u[2];
}

static void chains_of_cell(md_run *run, const md__axes *axes, PetscReal dt)
{
  md__extended *x = &run->extended;
  PetscReal scale;

  for (int g = 0; g < axes->n; g++) {
    const PetscReal kinetic = 0.5 * group_mass(run, axes, g) * PetscSqr(x->rate[g]);

    md__chain_move(run, 1.0, kinetic, run->protocol.tau_p, dt, &x->cell[g], &scale);
    x->rate[g] *= scale;
  }
}

static PetscErrorCode push_cell(md_run *run, const md__axes *axes, PetscReal dt)
{
  const PetscReal pv = run->protocol.pressure * md_atoms_volume(&run->atoms);
  PetscReal kinetic[9], force[3] = {0.0, 0.0, 0.0};

  PetscFunctionBegin;
  PetscCall(md__kinetic_tensor(run, kinetic));
  for (int k = 0; k < 3; k++) {
    const int g = axes->group[k];

    if (g < 0) continue;
    force[g] += kinetic[4 * k] + run->result.virial[4 * k] - pv +
                md__trace(kinetic) / (PetscReal)md__degrees(run);
  }
  for (int g = 0; g < PetscMin(axes->n, 3); g++) {
    run->extended.rate[g] += dt * force[g] / group_mass(run, axes, g);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode push_atoms(md_run *run, const md__axes *axes, PetscReal dt)
{
  const md_atoms *atoms = &run->atoms;
  PetscReal u[3], keep[3], gain[3], sum;

  PetscFunctionBegin;
  sum = axis_rates(run, axes, u) / (PetscReal)md__degrees(run);
  for (int k = 0; k < 3; k++) {
    const PetscReal a = 0.5 * dt * (u[k] + sum);

    keep[k] = PetscExpReal(-2.0 * a);
    gain[k] = dt * PetscExpReal(-a) * sinh_ratio(a);
  }
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal m = atoms->mass[atoms->type[i]];

    for (size_t k = 0; k < 3; k++) {
      const size_t at = 3 * (size_t)i + k;

      atoms->v[at] = keep[k] * atoms->v[at] + gain[k] / m * atoms->f[at];
    }
  }
  PetscCall(md__limit_speed(run));
  PetscFunctionReturn(0);
}

/* The cell's longest edge moves at most max_step, if there is a limit; what is taken from the
   barostat is no work on the atoms. */
static void limit_rates(md_run *run, const md__axes *axes)
{
  const PetscReal edge = md__longest_edge((const PetscReal(*)[3])run->atoms.h);
  const PetscReal limit = run->protocol.max_step / (run->protocol.dt * edge);
  const PetscReal before = cell_kinetic(run, axes);

  if (limit <= 0.0) return;
  for (int g = 0; g < axes->n; g++) {
    run->extended.rate[g] = PetscClipInterval(run->extended.rate[g], -limit, limit);
  }
  run->work -= before - cell_kinetic(run, axes);
}

/* Positions and cell over dt; PETSC_FALSE on all ranks and nothing when the cell would burst. */
static PetscBool move_all(md_run *run, const md__axes *axes, PetscReal dt)
{
  const md_atoms *atoms = &run->atoms;
  PetscReal u[3], scale[3], gain[3];

  (void)axis_rates(run, axes, u);
  for (int k = 0; k < 3; k++) {
    scale[k] = PetscExpReal(u[k] * dt);
    gain[k] = dt * PetscExpReal(-0.5 * u[k] * dt) * sinh_ratio(0.5 * u[k] * dt);
  }
  if (!md__plausible(run, scale)) return PETSC_FALSE;
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->x[k] += gain[k % 3] * atoms->v[k];
  md__stretch(run, scale);
  return PETSC_TRUE;
}

/* One half of a step, forwards; or backwards. */
static PetscErrorCode first_half(md_run *run, const md__axes *axes, PetscReal dt)
{
  PetscFunctionBegin;
  chains_of_cell(run, axes, dt);
  PetscCall(md__chain_particles(run, dt));
  PetscCall(push_cell(run, axes, dt));
  limit_rates(run, axes);
  PetscCall(push_atoms(run, axes, dt));
  PetscFunctionReturn(0);
}

static PetscErrorCode second_half(md_run *run, const md__axes *axes, PetscReal dt)
{
  PetscFunctionBegin;
  PetscCall(push_atoms(run, axes, dt));
  PetscCall(push_cell(run, axes, dt));
  PetscCall(md__chain_particles(run, dt));
  PetscCall(md__limit_speed(run));
  chains_of_cell(run, axes, dt);
  PetscFunctionReturn(0);
}

PetscErrorCode md__step_mtk(md_run *run)
{
  const md__axes axes = md__axes_of(run->protocol.shape);
  const PetscReal half = 0.5 * run->protocol.dt, before = cell_energy(run, &axes);

  PetscFunctionBegin;
  PetscCall(first_half(run, &axes, half));
  if (!move_all(run, &axes, run->protocol.dt)) PetscFunctionReturn(0);
  PetscCall(md__forces(run));
  PetscCall(second_half(run, &axes, half));
  run->work -= cell_energy(run, &axes) - before;
  PetscFunctionReturn(0);
}
