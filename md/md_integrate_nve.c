/* md/md_integrate_nve.c - velocity Verlet at constant energy
 *
 * v += f/m dt/2;  x += v dt;  f = f(x);  v += f/m dt/2.  Symplectic, reversible and of order 2: the
 * total energy fluctuates with an amplitude proportional to dt^2 and does not drift.
 * Source: Swope, Andersen, Berens & Wilson, J. Chem. Phys. 76, 637 (1982), doi:10.1063/1.442716.
 * Verified by: tests/verify/test_md_nve.c
 */
#include "md/md_run_impl.h"

PetscErrorCode md__step_nve(md_run *run)
{
  const PetscReal dt = run->protocol.dt;

  PetscFunctionBegin;
  PetscCall(md__kick(run, 0.5 * dt));
  md__drift(run, dt);
  PetscCall(md__forces(run));
  PetscCall(md__kick(run, 0.5 * dt));
  PetscFunctionReturn(0);
}
