/* mtp/mtp_loss_linear.c - the linear coefficients that make a loss smallest
 *
 * One row a number: energy, 3 n forces, 9 stresses, each times the root of its weight, and the
 * right-hand side as a last column.  Rows gather in a block; a full block is put below the
 * triangle R of all rows before, and the QR factorisation of both leaves the next triangle.
 * Triangles of the ranks meet on rank 0.
 *
 * Derivatives of all moments of an atom by the places of its neighbours, forward:
 *   D_q = d(f_mu P)/dr_ij for each j,   D_o += m (D_p M_q + M_p D_q)
 * The scalars' are columns of forces and virials.
 */
#include "mtp/mtp_eval_ref_impl.h"
#include "mtp/mtp_loss_impl.h"

#include <petscblaslapack.h>

/* Rows that gather.  Column c of the block is a[c * lead ...]; the first `n` rows are R. */
typedef struct {
  PetscInt n;    /* columns: S + scalars + 1 */
  PetscInt lead; /* rows that there is room for */
  PetscInt used; /* rows in use, R among them */
  PetscReal *a;  /* [n][lead] */
} triangle;

/* Derivatives of one atom: D[moment][3][stride] */
typedef struct {
  mtp_ref_work w;
  PetscReal *D;
} jacobian;

static PetscErrorCode triangle_create(PetscInt n, PetscInt rows, triangle *t)
{
  PetscFunctionBegin;
  *t = (triangle){.n = n, .lead = n + PetscMax(rows, 4 * n)};
  PetscCall(PetscCalloc1((size_t)n * (size_t)t->lead, &t->a));
  PetscFunctionReturn(0);
}

/* QR of the rows in use: R stays, zeros below. */
static PetscErrorCode triangle_reduce(triangle *t)
{
  PetscBLASInt m, n, lead, info, lwork;
  PetscReal *tau, *work;

  PetscFunctionBegin;
  if (t->used == 0) PetscFunctionReturn(0);
  PetscCall(PetscBLASIntCast(t->used, &m));
  PetscCall(PetscBLASIntCast(t->n, &n));
  PetscCall(PetscBLASIntCast(t->lead, &lead));
  PetscCall(PetscBLASIntCast(64 * t->n, &lwork));
  PetscCall(PetscMalloc2(t->n, &tau, lwork, &work));
  LAPACKgeqrf_(&m, &n, t->a, &lead, tau, work, &lwork, &info);
  PetscCheck(info == 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "geqrf returned %d", (int)info);
  PetscCall(PetscFree2(tau, work));
  for (PetscInt c = 0; c < t->n; c++) {
    const size_t column = (size_t)c * (size_t)t->lead;

    for (PetscInt r = c + 1; r < t->used; r++) t->a[column + (size_t)r] = 0.0;
  }
  t->used = PetscMin(t->used, t->n);
  PetscFunctionReturn(0);
}

/* Room for so many rows more; the first of them. */
static PetscErrorCode triangle_rows(triangle *t, PetscInt rows, PetscInt *first)
{
  PetscFunctionBegin;
  if (t->used + rows > t->lead) PetscCall(triangle_reduce(t));
  *first = t->used;
  t->used += rows;
  for (PetscInt c = 0; c < t->n; c++)
    PetscCall(PetscArrayzero(t->a + (size_t)c * (size_t)t->lead + *first, rows));
  PetscFunctionReturn(0);
}

/* D of the basic moments: gradients of f_mu(r) x^a y^b z^c of the unit vector (mtp_eval_ref.c) */
static void basic_derivatives(const mtp_potential *pot, const mtp_ref_work *w, PetscReal D[])
{
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];
    const PetscReal nu = (PetscReal)(basic[1] + basic[2] + basic[3]);
    const PetscReal *f = w->f + basic[0] * w->stride, *df = w->df + basic[0] * w->stride;
    const PetscReal *p[3], *dp[3];

    for (int a = 0; a < 3; a++) {
      p[a] = mtp__ref_row(w, w->power, a, basic[a + 1]);
      dp[a] = mtp__ref_row(w, w->slope, a, basic[a + 1]);
    }
    for (int a = 0; a < 3; a++) {
      const int b = (a + 1) % 3, c = (a + 2) % 3;
      const PetscReal *u = mtp__ref_row(w, w->power, a, 1);
      PetscReal *to = D + (size_t)(3 * q + a) * (size_t)w->stride;

      for (PetscInt n = 0; n < w->n; n++) {
        const PetscReal f_over_r = f[n] * w->inverse_r[n];

        to[n] = (df[n] - nu * f_over_r) * p[a][n] * p[b][n] * p[c][n] * u[n] +
                f_over_r * dp[a][n] * p[b][n] * p[c][n];
      }
    }
  }
}

static void all_derivatives(const mtp_potential *pot, const mtp_ref_work *w, PetscReal D[])
{
  const size_t width = 3 * (size_t)w->stride;

  basic_derivatives(pot, w, D);
  for (size_t k = (size_t)pot->nbasic * width; k < (size_t)pot->nmoment * width; k++) D[k] = 0.0;
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt p = pot->times[t][0], q = pot->times[t][1], o = pot->times[t][3];
    const PetscReal a = (PetscReal)pot->times[t][2] * w->moment[q];
    const PetscReal b = (PetscReal)pot->times[t][2] * w->moment[p];
    const PetscReal *dp = D + (size_t)p * width, *dq = D + (size_t)q * width;
    PetscReal *restrict to = D + (size_t)o * width;

    for (size_t k = 0; k < width; k++) to[k] += a * dp[k] + b * dq[k];
  }
}

/* Adds one scalar's forces and virials of atom i to its column. */
static void scatter(const mtp_loss_item *item, const mtp_ref_work *w, PetscInt i,
                    const PetscReal D[], mtp_loss_scale s, PetscReal force[], PetscReal stress[])
{
  const mtp_neighbors *nb = &item->nb;

  for (PetscInt n = 0; n < w->n; n++) {
    const PetscInt to = w->neighbour[n];
    const PetscInt j = to < nb->nlocal ? to : nb->parent[to - nb->nlocal];

    for (int a = 0; a < 3; a++) {
      const PetscReal g = D[a * w->stride + n];

      if (item->force) {
        force[3 * i + a] += s.force * g;
        force[3 * j + a] -= s.force * g;
      }
      for (int b = 0; item->has_stress && b < 3; b++)
        stress[3 * a + b] -= s.stress * g * w->vector[b * w->stride + n];
    }
  }
}

/* Where the rows of a configuration stand in the block. */
typedef struct {
  PetscInt energy, force, stress; /* first of each */
} row_place;

/* What one atom gives to the columns of all scalars. */
static void add_atom(const mtp_potential *pot, const mtp_loss_item *item, PetscInt i,
                     mtp_loss_scale s, row_place at, jacobian *j, triangle *t)
{
  const size_t width = 3 * (size_t)j->w.stride;
  PetscReal *column = t->a + (size_t)item->nb.type[i] * (size_t)t->lead;

  mtp__ref_moments(pot, &item->nb, i, &j->w);
  all_derivatives(pot, &j->w, j->D);
  if (item->has_energy) column[at.energy] += s.energy;
  column = t->a + (size_t)pot->nspecies * (size_t)t->lead;
  for (PetscInt k = 0; k < pot->nscalar; k++, column += t->lead) {
    if (item->has_energy) column[at.energy] += s.energy * j->w.moment[pot->mapping[k]];
    scatter(item, &j->w, i, j->D + (size_t)pot->mapping[k] * width, s, column + at.force,
            column + at.stress);
  }
}

/* The right-hand sides: what the linear part should give.  The wall of RBChebyshev_repuls is not
   linear in anything: `wall` is what the potential gives while its linear coefficients are 0. */
static void right_sides(const mtp_loss_item *item, const mtp_result *wall, mtp_loss_scale s,
                        row_place at, PetscReal b[])
{
  if (item->has_energy) b[at.energy] = s.energy * (item->energy - wall->energy);
  for (PetscInt k = 0; item->force && k < 3 * item->nb.nlocal; k++)
    b[at.force + k] = s.force * (item->force[k] - wall->force[k]);
  for (int k = 0; item->has_stress && k < 9; k++)
    b[at.stress + k] = s.stress * (item->stress[k] - wall->virial[k]);
}

static PetscErrorCode subtract_wall(const mtp_potential *pot, const mtp_loss_item *item,
                                    mtp_loss_scale s, row_place at, PetscReal b[])
{
  mtp_result wall = {0};

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(3 * item->nb.nall, &wall.force));
  if (pot->repulsive) {
    PetscCall(mtp_potential_evaluate(pot, &item->nb, &wall));
    mtp_neighbors_fold(&item->nb, 3, wall.force);
  }
  right_sides(item, &wall, s, at, b);
  PetscCall(PetscFree(wall.force));
  PetscFunctionReturn(0);
}

static PetscErrorCode add_item(const mtp_loss *loss, const mtp_potential *pot,
                               const mtp_loss_item *item, triangle *t)
{
  const mtp_loss_scale s = mtp__loss_scale(loss, item);
  const PetscInt nforce = item->force ? 3 * item->nb.nlocal : 0, nenergy = item->has_energy ? 1 : 0;
  jacobian j;
  row_place at;
  PetscInt first;

  PetscFunctionBegin;
  PetscCall(triangle_rows(t, nenergy + nforce + (item->has_stress ? 9 : 0), &first));
  at = (row_place){first, first + nenergy, first + nenergy + nforce};
  PetscCall(mtp__ref_create(pot, &item->nb, &j.w));
  PetscCall(PetscMalloc1(3 * (size_t)pot->nmoment * (size_t)j.w.stride, &j.D));
  for (size_t k = 0; k < 3 * (size_t)pot->nmoment * (size_t)j.w.stride; k++) j.D[k] = 0.0;
  for (PetscInt i = 0; i < item->nb.nlocal; i++) add_atom(pot, item, i, s, at, &j, t);
  PetscCall(subtract_wall(pot, item, s, at, t->a + (size_t)(t->n - 1) * (size_t)t->lead));
  PetscCall(PetscFree(j.D));
  PetscCall(mtp__ref_destroy(&j.w));
  PetscFunctionReturn(0);
}

/* Brings the triangles of all ranks to rank 0, as [n][n] of columns, and reduces them there. */
static PetscErrorCode meet(MPI_Comm comm, triangle *t)
{
  const size_t n = (size_t)t->n;
  PetscReal *mine, *all = NULL;
  PetscMPIInt rank, size, count;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMPIIntCast((PetscInt)(n * n), &count));
  PetscCall(PetscCalloc1(n * n, &mine));
  if (rank == 0) PetscCall(PetscMalloc1(n * n * (size_t)size, &all));
  for (size_t c = 0; c < n; c++)
    PetscCall(PetscArraycpy(mine + c * n, t->a + c * (size_t)t->lead, t->used));
  PetscCallMPI(MPI_Gather(mine, count, MPIU_REAL, all, count, MPIU_REAL, 0, comm));
  for (PetscMPIInt other = 1; rank == 0 && other < size; other++) {
    PetscInt first;

    PetscCall(triangle_rows(t, t->n, &first));
    for (size_t c = 0; c < n; c++)
      PetscCall(PetscArraycpy(t->a + c * (size_t)t->lead + first,
                              all + (size_t)other * n * n + c * n, n));
  }
  if (rank == 0) PetscCall(triangle_reduce(t));
  PetscCall(PetscFree(mine));
  PetscCall(PetscFree(all));
  PetscFunctionReturn(0);
}

/* A = R D^-1 with columns of length 1, and D. */
static void scale_columns(const triangle *t, PetscReal a[], PetscReal length[])
{
  const size_t n = (size_t)t->n - 1;

  for (size_t c = 0; c < n; c++) {
    const PetscReal *column = t->a + c * (size_t)t->lead;

    length[c] = 0.0;
    for (size_t r = 0; r <= c; r++) length[c] += column[r] * column[r];
    length[c] = length[c] > 0.0 ? PetscSqrtReal(length[c]) : 1.0;
    for (size_t r = 0; r < n; r++) a[c * n + r] = r <= c ? column[r] / length[c] : 0.0;
  }
}

/* A = U S V': T = D^-1 V / S for the singular values that count, y = U' b, w = T y. */
static PetscErrorCode solve(const triangle *t, mtp_loss_linear *linear, PetscReal w[])
{
  const size_t n = (size_t)t->n - 1;
  const PetscReal *b = t->a + n * (size_t)t->lead;
  PetscReal *a, *u, *vt, *length, *s, *work;
  PetscBLASInt m, lwork, info;

  PetscFunctionBegin;
  PetscCall(PetscBLASIntCast((PetscInt)n, &m));
  PetscCall(PetscBLASIntCast((PetscInt)(64 * n + 64), &lwork));
  PetscCall(PetscMalloc6(n * n, &a, n * n, &u, n * n, &vt, n, &length, n, &s, lwork, &work));
  scale_columns(t, a, length);
  LAPACKgesvd_("S", "S", &m, &m, a, &m, s, u, &m, vt, &m, work, &lwork, &info);
  PetscCheck(info == 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "gesvd returned %d", (int)info);
  for (size_t c = 0; c < n; c++) w[c] = 0.0;
  for (linear->rank = 0; linear->rank < m && s[linear->rank] > 1e-12 * s[0]; linear->rank++) {
    PetscReal *column = linear->T + (size_t)linear->rank * n, y = 0.0;

    for (size_t c = 0; c < n; c++) y += u[(size_t)linear->rank * n + c] * b[c];
    for (size_t c = 0; c < n; c++) {
      column[c] = vt[c * n + (size_t)linear->rank] / (s[linear->rank] * length[c]);
      w[c] += column[c] * y;
    }
  }
  PetscCall(PetscFree6(a, u, vt, length, s, work));
  PetscFunctionReturn(0);
}

static PetscInt most_rows(const mtp_loss *loss)
{
  PetscInt most = 0;

  for (PetscInt k = 0; k < loss->n; k++) most = PetscMax(most, 3 * loss->item[k].nb.nlocal + 10);
  return most;
}

PetscErrorCode mtp_loss_linear_clear(mtp_loss_linear *linear)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(linear->T));
  *linear = (mtp_loss_linear){0};
  PetscFunctionReturn(0);
}

/* What rank 0 found, for all. */
static PetscErrorCode share(MPI_Comm comm, mtp_loss_linear *linear, PetscReal w[])
{
  PetscMPIInt count, rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(&linear->rank, 1, MPIU_INT, 0, comm));
  PetscCall(PetscMPIIntCast(linear->n, &count));
  PetscCall(PetscMPIIntCast(linear->rank, &rank));
  PetscCallMPI(MPI_Bcast(w, count, MPIU_REAL, 0, comm));
  for (PetscMPIInt r = 0; r < rank; r++)
    PetscCallMPI(MPI_Bcast(linear->T + (size_t)r * (size_t)linear->n, count, MPIU_REAL, 0, comm));
  PetscFunctionReturn(0);
}

/* R of all rows of all ranks, on rank 0. */
static PetscErrorCode factorise(mtp_loss *loss, const mtp_potential *pot, triangle *t)
{
  PetscFunctionBegin;
  PetscCall(triangle_create(pot->nspecies + pot->nscalar + 1, most_rows(loss), t));
  for (PetscInt k = 0; k < loss->n; k++) PetscCall(add_item(loss, pot, &loss->item[k], t));
  PetscCall(triangle_reduce(t));
  PetscCall(meet(loss->comm, t));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_loss_solve_linear(mtp_loss *loss, mtp_potential *pot, mtp_loss_linear *linear)
{
  mtp_loss_linear found = {.n = pot->nspecies + pot->nscalar};
  mtp_potential_info info;
  PetscReal *theta, *w;
  PetscMPIInt me;
  triangle t;

  PetscFunctionBegin;
  PetscCall(mtp__loss_count(loss));
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(PetscMalloc1(info.ncoeff, &theta));
  PetscCall(PetscCalloc1((size_t)found.n * (size_t)found.n, &found.T));
  PetscCall(mtp_potential_get_coefficients(pot, theta));
  w = theta + info.ncoeff - found.n;
  PetscCall(PetscArrayzero(w, found.n));
  PetscCall(mtp_potential_set_coefficients(pot, theta));
  PetscCall(factorise(loss, pot, &t));
  PetscCallMPI(MPI_Comm_rank(loss->comm, &me));
  if (me == 0) PetscCall(solve(&t, &found, w));
  PetscCall(share(loss->comm, &found, w));
  PetscCall(mtp_potential_set_coefficients(pot, theta));
  PetscCall(PetscFree(t.a));
  PetscCall(PetscFree(theta));
  if (linear) PetscCall(mtp_loss_linear_clear(linear));
  if (linear)
    *linear = found;
  else
    PetscCall(mtp_loss_linear_clear(&found));
  PetscFunctionReturn(0);
}
