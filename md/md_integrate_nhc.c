/* md/md_integrate_nhc.c - constant temperature: Nosé-Hoover chains
 *
 * The kinetic energy K of N degrees of freedom drives the first link of a chain of M = MD__CHAIN
 * thermostats, each of which is the thermostat of the one before:
 *
 *   dv_i/dt = f_i/m_i - w_1 v_i
 *   dw_1/dt = (2 K - N k_B T) / Q_1 - w_2 w_1,             Q_1 = N k_B T tau^2
 *   dw_k/dt = (Q_k-1 w_k-1^2 - k_B T) / Q_k - w_k+1 w_k,   Q_k = k_B T tau^2,   w_M+1 = 0
 *
 * conserve  K + U + sum Q_k w_k^2 / 2 + N k_B T eta_1 + k_B T (eta_2 + ... + eta_M),
 * d eta_k/dt = w_k,  and leave the measure exp(N eta_1 + eta_2 + ...) of phase space unchanged: the
 * canonical distribution follows where the dynamics is ergodic, which one link does not ensure for
 * stiff or small systems and several do.  K swings with the period 2 pi tau / sqrt(2).
 *
 * A step: the chain over dt/2, velocity Verlet over dt, the chain over dt/2. The chain is moved by
 * the symmetric splitting that scales velocities in the middle, five times a half step with the
 * weights of Suzuki, so that its own error is of order 4. The positions eta_k are needed only for
 * the energy, through their changes, which are booked as work: `work` falls by what the chain
 * takes. Where a schedule changes T, the masses Q_k change with it at constant w_k; what that does
 * to the energy of the chain is not booked, because no atom feels it.
 *
 * Sources: Martyna, Klein & Tuckerman, J. Chem. Phys. 97, 2635 (1992), doi:10.1063/1.463940;
 * Martyna, Tuckerman, Tobias & Klein, Mol. Phys. 87, 1117 (1996), doi:10.1080/00268979600100761;
 * weights: Suzuki, Phys. Lett. A 146, 319 (1990), doi:10.1016/0375-9601(90)90962-N.
 * Verified by: tests/verify/test_md_chain.c, test_md_ensemble.c
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

/* The bath of a chain: numbers that stay during a move. */
typedef struct {
  PetscReal degrees;
  PetscReal kt;              /* [eV] */
  PetscReal mass[MD__CHAIN]; /* [eV fs^2] */
} bath;

static bath make_bath(PetscReal degrees, PetscReal kt, PetscReal tau)
{
  bath b = {.degrees = degrees, .kt = kt};

  for (int k = 0; k < MD__CHAIN; k++) b.mass[k] = (k == 0 ? degrees : 1.0) * kt * tau * tau;
  return b;
}

/* [1/fs^2] acceleration of link k without the drag of the next */
static PetscReal push_on(const bath *b, const md__chain *chain, PetscReal kinetic, int k)
{
  if (k == 0) return (2.0 * kinetic - b->degrees * b->kt) / b->mass[0];
  return (b->mass[k - 1] * PetscSqr(chain->v[k - 1]) - b->kt) / b->mass[k];
}

/* Link k over dt, half of the drag of the next link before and half after. */
static void move_link(const bath *b, PetscReal kinetic, PetscReal dt, int k, md__chain *chain)
{
  const PetscReal drag = k + 1 < MD__CHAIN ? PetscExpReal(-0.5 * dt * chain->v[k + 1]) : 1.0;

  chain->v[k] = drag * (drag * chain->v[k] + dt * push_on(b, chain, kinetic, k));
}

/* [eV] */
static PetscReal chain_kinetic(const bath *b, const md__chain *chain)
{
  PetscReal sum = 0.0;

  for (int k = 0; k < MD__CHAIN; k++) sum += 0.5 * b->mass[k] * PetscSqr(chain->v[k]);
  return sum;
}

/* [eV] potential energy that the chain gains in dt */
static PetscReal chain_gain(const bath *b, const md__chain *chain, PetscReal dt)
{
  PetscReal sum = b->degrees * chain->v[0];

  for (int k = 1; k < MD__CHAIN; k++) sum += chain->v[k];
  return sum * b->kt * dt;
}

void md__chain_move(md_run *run, PetscReal degrees, PetscReal kinetic, PetscReal tau, PetscReal dt,
                    md__chain *chain, PetscReal *scale)
{
  const PetscReal outer = 1.0 / (4.0 - PetscPowReal(4.0, 1.0 / 3.0));
  const PetscReal weight[5] = {outer, outer, 1.0 - 4.0 * outer, outer, outer};
  const bath b = make_bath(degrees, MD_BOLTZMANN * md__target(run), tau);
  PetscReal taken = -chain_kinetic(&b, chain);

  *scale = 1.0;
  for (int w = 0; w < 5; w++) {
    const PetscReal h = weight[w] * dt;
    PetscReal factor;

    for (int k = MD__CHAIN - 1; k >= 0; k--) move_link(&b, kinetic, 0.5 * h, k, chain);
    factor = PetscExpReal(-h * chain->v[0]);
    *scale *= factor;
    kinetic *= factor * factor;
    taken += chain_gain(&b, chain, h);
    for (int k = 0; k < MD__CHAIN; k++) move_link(&b, kinetic, 0.5 * h, k, chain);
  }
  run->work -= taken + chain_kinetic(&b, chain);
}

PetscErrorCode md__chain_particles(md_run *run, PetscReal dt)
{
  PetscReal kinetic, scale;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &kinetic));
  md__chain_move(run, (PetscReal)md__degrees(run), kinetic, run->protocol.tau_t, dt,
                 &run->extended.particles, &scale);
  for (size_t k = 0; k < 3 * (size_t)run->atoms.n; k++) run->atoms.v[k] *= scale;
  PetscFunctionReturn(0);
}

PetscErrorCode md__step_nhc(md_run *run)
{
  const PetscReal half = 0.5 * run->protocol.dt;

  PetscFunctionBegin;
  PetscCall(md__chain_particles(run, half));
  PetscCall(md__step_nve(run));
  PetscCall(md__chain_particles(run, half));
  PetscCall(md__limit_speed(run));
  PetscFunctionReturn(0);
}
