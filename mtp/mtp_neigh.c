/* mtp/mtp_neigh.c - linked cells for the local atoms, ghosts made on the way
 *
 * Coordinates.  The cell is completed to three rows H: the periodic lattice vectors, then unit
 * vectors normal to them, so that s = x H^-1 is a fraction of the cell along periodic directions
 * and a length along the others, and one code serves crystals, films, wires and clusters.  A point
 * within reach R = cutoff + skin of another differs from it in s_k by at most R |grad s_k|, and
 * grad s_k is column k of H^-1; that bound gives both the images that can matter and the cells to
 * look into.
 *
 * Search.  Only local atoms are sorted into the cells of a grid over their bounding box in s.  Then
 * every candidate j, in the order (parent, shift), looks for the local atoms i within R of it and
 * becomes a neighbour of each.  Because candidates come in that order, rows come out sorted without
 * a sort: the finds (candidate by candidate) are transposed into rows (atom by atom) by counting,
 * type after type.  An image that finds nobody does not become a ghost.
 */
#include "mtp/mtp_neigh.h"

#include "mtp/mtp_near.h"

/* Scratch of a build: the grid and the finds. */
struct mtp_neigh_work {
  mtp_near *near; /* inner loop of the search */
  size_t capacity_cell, capacity_found, capacity_remote;
  PetscReal *s;           /* [nlocal,3] coordinates of the wrapped local atoms */
  PetscInt *cell;         /* [nlocal] cell of an atom */
  mtp_near_points sorted; /* [nlocal] atoms sorted by cell */
  PetscInt *cell_first;   /* [ncell+1] into sorted */
  PetscInt *visit;        /* [nvisit] candidates that found somebody, index in 0..nall-1 */
  PetscInt *visit_end;    /* [nvisit] end of their finds */
  PetscInt *found;        /* [nfound] local atoms found */
  PetscInt nvisit, nfound;
  PetscReal inverse[3][3]; /* H^-1: s = x H^-1 */
  PetscReal reach[3];      /* largest difference in s of a pair in the list, with a margin */
  PetscReal low[3], high[3], per_cell[3]; /* bounding box in s and cells per unit of s */
  PetscInt ncell[3];
};

static PetscReal dot(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const PetscReal a[3], const PetscReal b[3], PetscReal c[3])
{
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

static void normalise(PetscReal a[3])
{
  const PetscReal length = PetscSqrtReal(dot(a, a));

  for (int k = 0; k < 3; k++) a[k] /= length;
}

/* The periodic rows of h and unit vectors normal to them and to each other. */
static void complete_cell(const PetscReal h[3][3], PetscInt nperiodic, PetscReal full[3][3])
{
  PetscReal axis[3] = {0.0, 0.0, 0.0};
  int small = 0;

  for (int k = 0; k < 3; k++) {
    for (int a = 0; a < 3; a++) full[k][a] = k < nperiodic ? h[k][a] : (PetscReal)(k == a);
  }
  if (nperiodic == 1) {
    for (int a = 1; a < 3; a++) {
      if (PetscAbsReal(h[0][a]) < PetscAbsReal(h[0][small])) small = a;
    }
    axis[small] = 1.0;
    cross(full[0], axis, full[1]);
    normalise(full[1]);
  }
  if (nperiodic == 1 || nperiodic == 2) {
    cross(full[0], full[1], full[2]);
    normalise(full[2]);
  }
}

/* Inverse of a matrix with rows a; returns the determinant. */
static PetscReal invert(const PetscReal a[3][3], PetscReal inverse[3][3])
{
  PetscReal column[3], det;

  cross(a[1], a[2], column);
  det = dot(a[0], column);
  for (int k = 0; k < 3; k++) {
    cross(a[(k + 1) % 3], a[(k + 2) % 3], column);
    for (int b = 0; b < 3; b++) inverse[b][k] = column[b] / det;
  }
  return det;
}

/* y = x a, a row vector times a matrix */
static void transform(const PetscReal x[3], const PetscReal a[3][3], PetscReal y[3])
{
  for (int k = 0; k < 3; k++) y[k] = x[0] * a[0][k] + x[1] * a[1][k] + x[2] * a[2][k];
}

/* out = x + translation . h: the one place where images are made, so that a build and an update
   round alike. */
static void translate(PetscInt nperiodic, const PetscReal h[3][3], const PetscInt translation[3],
                      const PetscReal x[3], PetscReal out[3])
{
  PetscReal y[3] = {x[0], x[1], x[2]};

  for (PetscInt k = 0; k < nperiodic; k++) {
    const PetscReal t = (PetscReal)translation[k];

    for (int a = 0; a < 3; a++) y[a] += t * h[k][a];
  }
  for (int a = 0; a < 3; a++) out[a] = y[a];
}

static size_t with_slack(size_t n)
{
  return n + n / 4 + 16;
}

static PetscErrorCode free_points(mtp_near_points *points)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(points->x));
  PetscCall(PetscFree(points->y));
  PetscCall(PetscFree(points->z));
  PetscCall(PetscFree(points->number));
  PetscFunctionReturn(0);
}

static PetscErrorCode reserve_local(size_t n, mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;

  PetscFunctionBegin;
  if (n <= nb->capacity_local) PetscFunctionReturn(0);
  nb->capacity_local = 0;
  PetscCall(PetscFree(nb->wrap));
  PetscCall(PetscFree(nb->first));
  PetscCall(PetscFree(nb->x_build));
  PetscCall(PetscFree(work->s));
  PetscCall(PetscFree(work->cell));
  PetscCall(free_points(&work->sorted));
  PetscCall(PetscMalloc1(n, &nb->wrap));
  PetscCall(PetscMalloc1(n + 1, &nb->first));
  PetscCall(PetscMalloc1(3 * n, &nb->x_build));
  PetscCall(PetscMalloc1(3 * n, &work->s));
  PetscCall(PetscMalloc1(n, &work->cell));
  PetscCall(PetscMalloc1(n + MTP_NEAR_PAD, &work->sorted.x));
  PetscCall(PetscMalloc1(n + MTP_NEAR_PAD, &work->sorted.y));
  PetscCall(PetscMalloc1(n + MTP_NEAR_PAD, &work->sorted.z));
  PetscCall(PetscMalloc1(n + MTP_NEAR_PAD, &work->sorted.number));
  nb->capacity_local = n;
  PetscFunctionReturn(0);
}

/* Room for n atoms and images; what is there stays. */
static PetscErrorCode reserve_all(size_t n, mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;
  const size_t want = with_slack(n);

  PetscFunctionBegin;
  if (n <= nb->capacity_all) PetscFunctionReturn(0);
  PetscCall(PetscRealloc((3 * want + 1) * sizeof(PetscReal), &nb->x));
  PetscCall(PetscRealloc(want * sizeof(PetscInt), &nb->type));
  PetscCall(PetscRealloc(want * sizeof(PetscInt), &nb->parent));
  PetscCall(PetscRealloc(want * sizeof(PetscInt[3]), &nb->shift));
  PetscCall(PetscRealloc(want * sizeof(PetscInt), &work->visit));
  PetscCall(PetscRealloc(want * sizeof(PetscInt), &work->visit_end));
  nb->capacity_all = want;
  PetscFunctionReturn(0);
}

static PetscErrorCode reserve_found(size_t n, mtp_neigh_work *work)
{
  PetscFunctionBegin;
  if (n <= work->capacity_found) PetscFunctionReturn(0);
  PetscCheck(n <= (size_t)PETSC_MAX_INT, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "Neighbour list would have more than %" PetscInt_FMT
             " entries: cut-off too long or atoms too dense",
             PETSC_MAX_INT);
  PetscCall(PetscRealloc(with_slack(n) * sizeof(PetscInt), &work->found));
  work->capacity_found = with_slack(n);
  PetscFunctionReturn(0);
}

void mtp_neighbors_locate(PetscInt n, const PetscReal x[], const PetscReal h[3][3], PetscReal s[],
                          PetscInt (*wrap)[3], PetscReal edge[3])
{
  PetscReal full[3][3], inverse[3][3];

  complete_cell(h, 3, full);
  (void)invert((const PetscReal(*)[3])full, inverse);
  for (int k = 0; k < 3 && edge; k++) {
    const PetscReal gradient[3] = {inverse[0][k], inverse[1][k], inverse[2][k]};

    edge[k] = 1.0 / PetscSqrtReal(dot(gradient, gradient));
  }
  for (PetscInt i = 0; i < n; i++) {
    transform(x + 3 * i, (const PetscReal(*)[3])inverse, s + 3 * i);
    for (int k = 0; k < 3; k++) {
      const PetscReal whole = PetscFloorReal(s[3 * i + k]);

      if (wrap) wrap[i][k] = -(PetscInt)whole;
      s[3 * i + k] = PetscMin(s[3 * i + k] - whole, 1.0 - 0x1p-53);
    }
  }
}

PetscErrorCode mtp_neighbors_clear(mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;

  PetscFunctionBegin;
  PetscCall(PetscFree(nb->wrap));
  PetscCall(PetscFree(nb->x));
  PetscCall(PetscFree(nb->type));
  PetscCall(PetscFree(nb->parent));
  PetscCall(PetscFree(nb->shift));
  PetscCall(PetscFree(nb->remote));
  PetscCall(PetscFree(nb->first));
  PetscCall(PetscFree(nb->index));
  PetscCall(PetscFree(nb->x_build));
  if (work) {
    PetscCall(PetscFree(work->s));
    PetscCall(PetscFree(work->cell));
    PetscCall(free_points(&work->sorted));
    PetscCall(PetscFree(work->cell_first));
    PetscCall(PetscFree(work->visit));
    PetscCall(PetscFree(work->visit_end));
    PetscCall(PetscFree(work->found));
  }
  PetscCall(PetscFree(nb->work));
  *nb = (mtp_neighbors){0};
  PetscFunctionReturn(0);
}

static PetscErrorCode set_cell(const PetscReal h[3][3], mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;
  PetscReal full[3][3], size = 1.0, det;
  /* A pair exactly at the reach may round either way: look a little further. */
  const PetscReal reach = (nb->cutoff + nb->skin) * (1.0 + 1e-12);

  PetscFunctionBegin;
  complete_cell(h, nb->nperiodic, full);
  det = invert(full, work->inverse);
  for (int k = 0; k < 3; k++) {
    size *= PetscSqrtReal(dot(full[k], full[k]));
    for (int a = 0; a < 3; a++) {
      nb->h[k][a] = nb->h_build[k][a] = k < nb->nperiodic ? h[k][a] : 0.0;
    }
  }
  PetscCheck(PetscAbsReal(det) > 1e-12 * size && size < PETSC_MAX_REAL, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Singular cell: %" PetscInt_FMT " lattice vectors span %g of the %g Å^3 of a box with "
             "their lengths",
             nb->nperiodic, (double)det, (double)size);
  for (int k = 0; k < 3; k++) {
    const PetscReal gradient[3] = {work->inverse[0][k], work->inverse[1][k], work->inverse[2][k]};

    work->reach[k] = reach * PetscSqrtReal(dot(gradient, gradient));
  }
  PetscFunctionReturn(0);
}

/* Takes local atom i into the cell. */
static PetscErrorCode wrap_atom(PetscInt i, const PetscReal x[3], mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;
  PetscReal s[3];

  PetscFunctionBegin;
  transform(x, work->inverse, s);
  for (int k = 0; k < 3; k++) {
    const PetscReal limit = k < nb->nperiodic ? 1073741824.0 : PETSC_MAX_REAL;

    PetscCheck(PetscAbsReal(s[k]) < limit, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " is at (%g, %g, %g) Å: not finite or too far from the cell",
               i, (double)x[0], (double)x[1], (double)x[2]);
    nb->wrap[i][k] = k < nb->nperiodic ? -(PetscInt)PetscFloorReal(s[k]) : 0;
    nb->x_build[3 * i + k] = x[k];
  }
  translate(nb->nperiodic, (const PetscReal(*)[3])nb->h, nb->wrap[i], x, nb->x + 3 * i);
  transform(nb->x + 3 * i, work->inverse, work->s + 3 * i);
  for (int k = 0; k < 3; k++) {
    work->low[k] = PetscMin(work->low[k], work->s[3 * i + k]);
    work->high[k] = PetscMax(work->high[k], work->s[3 * i + k]);
  }
  PetscFunctionReturn(0);
}

static PetscInt cell_coordinate(const mtp_neigh_work *work, int k, PetscReal s)
{
  const PetscReal c = (s - work->low[k]) * work->per_cell[k];

  return (PetscInt)PetscMax(0.0, PetscMin(c, (PetscReal)(work->ncell[k] - 1)));
}

/* Cells per reach.  Atoms of neighbouring cells along the last axis stand in one row: there fine
   cells cost nothing and leave out what is far; across, few long rows are faster than many short
   ones. */
#define ACROSS 1.0
#define ALONG  4.0

/* Not many more cells than atoms. */
static PetscErrorCode choose_grid(PetscInt n, mtp_neigh_work *work)
{
  size_t total = 1;

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    const PetscReal length = work->high[k] - work->low[k];
    const PetscReal want = PetscFloorReal((k == 2 ? ALONG : ACROSS) * length / work->reach[k]);

    /* Differences in s are rounded at the size of s. */
    work->reach[k] += 1e-9 * (1.0 + PetscAbsReal(work->low[k]) + PetscAbsReal(work->high[k]));
    work->ncell[k] = (PetscInt)PetscMax(1.0, PetscMin(want, 1024.0));
    total *= (size_t)work->ncell[k];
  }
  while (total > 64 + 2 * (size_t)n) {
    int most = work->ncell[0] >= work->ncell[1] ? 0 : 1;

    if (work->ncell[2] > work->ncell[most]) most = 2;
    total /= (size_t)work->ncell[most];
    work->ncell[most] = (work->ncell[most] + 1) / 2;
    total *= (size_t)work->ncell[most];
  }
  for (int k = 0; k < 3; k++) {
    const PetscReal length = work->high[k] - work->low[k];

    work->per_cell[k] = work->ncell[k] > 1 ? (PetscReal)work->ncell[k] / length : 0.0;
  }
  if (total + 1 > work->capacity_cell) {
    PetscCall(PetscFree(work->cell_first));
    work->capacity_cell = 0;
    PetscCall(PetscMalloc1(with_slack(total + 1), &work->cell_first));
    work->capacity_cell = with_slack(total + 1);
  }
  PetscCall(PetscArrayzero(work->cell_first, total + 1));
  PetscFunctionReturn(0);
}

/* Sorts local atoms by cell: counting sort, stable. */
static void fill_grid(PetscInt n, const PetscReal x[], mtp_neigh_work *work)
{
  const PetscInt ncell = work->ncell[0] * work->ncell[1] * work->ncell[2];

  for (PetscInt i = 0; i < n; i++) {
    PetscInt c = 0;

    for (int k = 0; k < 3; k++) {
      c = c * work->ncell[k] + cell_coordinate(work, k, work->s[3 * i + k]);
    }
    work->cell[i] = c;
    work->cell_first[c + 1]++;
  }
  for (PetscInt c = 0; c < ncell; c++) work->cell_first[c + 1] += work->cell_first[c];
  for (PetscInt i = n - 1; i >= 0; i--) {
    const PetscInt place = --work->cell_first[work->cell[i] + 1];

    work->sorted.number[place] = i;
    work->sorted.x[place] = x[3 * i];
    work->sorted.y[place] = x[3 * i + 1];
    work->sorted.z[place] = x[3 * i + 2];
  }
  /* The loop above left the start of cell c in slot c + 1. */
  for (PetscInt c = 0; c < ncell; c++) work->cell_first[c] = work->cell_first[c + 1];
  work->cell_first[ncell] = n;
}

/* Candidate j at x with coordinates s looks for local atoms; `self` is left out (-1: nobody). */
static PetscErrorCode find_neighbours(PetscInt j, const PetscReal x[3], const PetscReal s[3],
                                      PetscInt self, const mtp_neighbors *nb)
{
  mtp_neigh_work *work = nb->work;
  const PetscReal reach = (nb->cutoff + nb->skin) * (1.0 + 1e-12);
  PetscInt low[3], high[3], before = work->nfound;

  PetscFunctionBegin;
  PetscCall(reserve_found((size_t)work->nfound + (size_t)nb->nlocal + MTP_NEAR_PAD, work));
  for (int k = 0; k < 3; k++) {
    low[k] = cell_coordinate(work, k, s[k] - work->reach[k]);
    high[k] = cell_coordinate(work, k, s[k] + work->reach[k]);
  }
  for (PetscInt a = low[0]; a <= high[0]; a++) {
    for (PetscInt b = low[1]; b <= high[1]; b++) {
      const PetscInt row = (a * work->ncell[1] + b) * work->ncell[2];
      const PetscInt begin = work->cell_first[row + low[2]];
      const PetscInt end = work->cell_first[row + high[2] + 1];

      work->nfound +=
          work->near(&work->sorted, begin, end, x, reach * reach, self, work->found + work->nfound);
    }
  }
  if (work->nfound > before) {
    work->visit[work->nvisit] = j;
    work->visit_end[work->nvisit++] = work->nfound;
  }
  PetscFunctionReturn(0);
}

/* Shifts of atom p that come within reach of the bounding box of the local atoms. */
static void shift_range(PetscInt p, const mtp_neighbors *nb, PetscInt low[3], PetscInt high[3])
{
  const mtp_neigh_work *work = nb->work;

  for (int k = 0; k < 3; k++) {
    const PetscReal s = work->s[3 * p + k];

    low[k] = high[k] = 0;
    if (k >= nb->nperiodic) continue;
    low[k] = (PetscInt)PetscCeilReal(work->low[k] - work->reach[k] - s);
    high[k] = (PetscInt)PetscFloorReal(work->high[k] + work->reach[k] - s);
  }
}

/* Tries one image of atom p; one that finds somebody becomes the next ghost. */
static PetscErrorCode try_image(PetscInt p, const PetscInt shift[3], mtp_neighbors *nb)
{
  const PetscInt j = nb->nall;
  PetscReal *x = nb->x + 3 * j, s[3];

  PetscFunctionBegin;
  if (shift[0] == 0 && shift[1] == 0 && shift[2] == 0) {
    PetscCall(find_neighbours(p, nb->x + 3 * p, nb->work->s + 3 * p, p, nb));
    PetscFunctionReturn(0);
  }
  translate(nb->nperiodic, (const PetscReal(*)[3])nb->h, shift, nb->x + 3 * p, x);
  for (int k = 0; k < 3; k++) s[k] = nb->work->s[3 * p + k] + (PetscReal)shift[k];
  PetscCall(find_neighbours(j, x, s, -1, nb));
  if (nb->work->nvisit == 0 || nb->work->visit[nb->work->nvisit - 1] != j) PetscFunctionReturn(0);
  nb->type[j] = nb->type[p];
  nb->parent[nb->nghost] = p;
  for (int k = 0; k < 3; k++) nb->shift[nb->nghost][k] = shift[k];
  nb->nghost++;
  nb->nall++;
  PetscFunctionReturn(0);
}

/* Atom p and its images, by ascending shift. */
static PetscErrorCode try_images(PetscInt p, mtp_neighbors *nb)
{
  PetscInt low[3], high[3], shift[3];
  PetscReal count = 1.0;

  PetscFunctionBegin;
  for (int k = 0; k < nb->nperiodic; k++) count *= 2.0 * nb->work->reach[k] + 2.0;
  PetscCheck(
      (PetscReal)nb->nall + count < (PetscReal)PETSC_MAX_INT / 4.0, PETSC_COMM_SELF, PETSC_ERR_MEM,
      "Atom %" PetscInt_FMT " has about %g images within reach: cell too thin", p, (double)count);
  shift_range(p, nb, low, high);
  for (shift[0] = low[0]; shift[0] <= high[0]; shift[0]++) {
    for (shift[1] = low[1]; shift[1] <= high[1]; shift[1]++) {
      PetscCall(reserve_all((size_t)nb->nall + (size_t)(high[2] - low[2]) + 2, nb));
      for (shift[2] = low[2]; shift[2] <= high[2]; shift[2]++) PetscCall(try_image(p, shift, nb));
    }
  }
  PetscFunctionReturn(0);
}

/* The smallest type above `after` (NULL: of all) of atoms and ghosts; false when there is none. */
static PetscBool next_type(const mtp_neighbors *nb, const PetscInt *after, PetscInt *next)
{
  const PetscInt floor = after ? *after : 0;
  PetscBool found = PETSC_FALSE;

  for (PetscInt i = 0; i < nb->nall; i++) {
    if (after && nb->type[i] <= floor) continue;
    if (!found || nb->type[i] < *next) *next = nb->type[i];
    found = PETSC_TRUE;
  }
  return found;
}

/* From finds, candidate by candidate, to rows, atom by atom, sorted by type. */
static PetscErrorCode transpose_finds(mtp_neighbors *nb)
{
  const mtp_neigh_work *work = nb->work;
  const size_t nfound = (size_t)work->nfound;
  PetscInt type = 0;

  PetscFunctionBegin;
  if (nfound > nb->capacity_index) {
    PetscCall(PetscFree(nb->index));
    nb->capacity_index = 0;
    PetscCall(PetscMalloc1(with_slack(nfound), &nb->index));
    nb->capacity_index = with_slack(nfound);
  }
  PetscCall(PetscArrayzero(nb->first, nb->nlocal + 1));
  for (PetscInt f = 0; f < work->nfound; f++) nb->first[work->found[f] + 1]++;
  for (PetscInt i = 0; i < nb->nlocal; i++) nb->first[i + 1] += nb->first[i];
  for (PetscBool more = next_type(nb, NULL, &type); more; more = next_type(nb, &type, &type)) {
    for (PetscInt v = 0; v < work->nvisit; v++) {
      if (nb->type[work->visit[v]] != type) continue;
      for (PetscInt n = v ? work->visit_end[v - 1] : 0; n < work->visit_end[v]; n++) {
        nb->index[nb->first[work->found[n]]++] = work->visit[v];
      }
    }
  }
  for (PetscInt i = nb->nlocal; i > 0; i--) nb->first[i] = nb->first[i - 1];
  nb->first[0] = 0;
  PetscFunctionReturn(0);
}

/* Each of the others looks for local atoms; one that finds somebody becomes a ghost. */
static PetscErrorCode try_others(const mtp_neigh_others *others, mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCall(reserve_all((size_t)nb->nall + (size_t)others->n, nb));
  if ((size_t)others->n > nb->work->capacity_remote) {
    PetscCall(PetscFree(nb->remote));
    PetscCall(PetscMalloc1(with_slack((size_t)others->n), &nb->remote));
    nb->work->capacity_remote = with_slack((size_t)others->n);
  }
  for (PetscInt o = 0; o < others->n; o++) {
    const PetscInt j = nb->nall;
    PetscReal *x = nb->x + 3 * j, s[3];

    for (int a = 0; a < 3; a++) x[a] = others->x[3 * o + a];
    transform(x, (const PetscReal(*)[3])nb->work->inverse, s);
    PetscCall(find_neighbours(j, x, s, -1, nb));
    if (nb->work->nvisit == 0 || nb->work->visit[nb->work->nvisit - 1] != j) continue;
    nb->type[j] = others->type[o];
    nb->remote[nb->nremote++] = o;
    nb->nall++;
  }
  PetscFunctionReturn(0);
}

/* The list of an empty set of atoms to come. */
static PetscErrorCode begin(PetscInt n, PetscInt nperiodic, PetscReal cutoff, PetscReal skin,
                            mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCheck(n >= 0 && nperiodic >= 0 && nperiodic <= 3, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " atoms, %" PetscInt_FMT " lattice vectors; wanted >= 0 and 0 to 3",
             n, nperiodic);
  PetscCheck(cutoff > 0.0 && skin >= 0.0 && cutoff + skin < PETSC_MAX_REAL, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Cut-off %g Å, skin %g Å; wanted > 0 and >= 0, finite",
             (double)cutoff, (double)skin);
  if (!nb->work) {
    PetscCall(PetscNew(&nb->work));
    nb->work->near = mtp__near_of(MTP_KERNEL_AUTO);
  }
  nb->nlocal = nb->nall = n;
  nb->nghost = nb->nremote = nb->work->nvisit = nb->work->nfound = 0;
  nb->nperiodic = nperiodic;
  nb->cutoff = cutoff;
  nb->skin = skin;
  PetscCall(reserve_local((size_t)n + 1, nb));
  PetscCall(reserve_all((size_t)n + 1, nb));
  PetscFunctionReturn(0);
}

/* Local atoms into the cell and into the grid. */
static PetscErrorCode place(const PetscReal x[], const PetscInt type[], const PetscReal h[3][3],
                            mtp_neighbors *nb)
{
  const PetscInt n = nb->nlocal;

  PetscFunctionBegin;
  PetscCall(set_cell(h, nb));
  for (int k = 0; k < 3; k++) {
    nb->work->low[k] = n ? PETSC_MAX_REAL : 0.0;
    nb->work->high[k] = n ? -PETSC_MAX_REAL : 0.0;
  }
  for (PetscInt i = 0; i < n; i++) {
    nb->type[i] = type[i];
    PetscCall(wrap_atom(i, x + 3 * i, nb));
  }
  PetscCall(choose_grid(n, nb->work));
  fill_grid(n, nb->x, nb->work);
  PetscFunctionReturn(0);
}

static PetscErrorCode finish(mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCall(transpose_finds(nb));
  /* as large as the list: between builds nobody needs it, and the next build can do without it */
  PetscCall(PetscFree(nb->work->found));
  nb->work->capacity_found = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_neighbors_build(PetscInt n, const PetscReal x[], const PetscInt type[],
                                   const PetscReal h[3][3], PetscInt nperiodic, PetscReal cutoff,
                                   PetscReal skin, mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCall(begin(n, nperiodic, cutoff, skin, nb));
  PetscCall(place(x, type, h, nb));
  for (PetscInt p = 0; p < n; p++) PetscCall(try_images(p, nb));
  PetscCall(finish(nb));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_neighbors_build_among(PetscInt n, const PetscReal x[], const PetscInt type[],
                                         const PetscReal h[3][3], PetscReal cutoff, PetscReal skin,
                                         const mtp_neigh_others *others, mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCall(begin(n, 3, cutoff, skin, nb));
  PetscCall(place(x, type, h, nb));
  for (PetscInt p = 0; p < n; p++) PetscCall(try_images(p, nb));
  if (n > 0) PetscCall(try_others(others, nb));
  PetscCall(finish(nb));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_neighbors_update(const PetscReal x[], const PetscReal h[3][3], mtp_neighbors *nb)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < nb->nperiodic; k++) {
    for (int a = 0; a < 3; a++) nb->h[k][a] = h[k][a];
  }
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    translate(nb->nperiodic, h, nb->wrap[i], x + 3 * i, nb->x + 3 * i);
  }
  for (PetscInt g = 0; g < nb->nghost; g++) {
    translate(nb->nperiodic, h, nb->shift[g], nb->x + 3 * nb->parent[g],
              nb->x + 3 * (nb->nlocal + g));
  }
  PetscFunctionReturn(0);
}

/* Smallest eigenvalue of a symmetric matrix, by the trigonometric solution of its cubic. */
static PetscReal smallest_eigenvalue(const PetscReal c[3][3])
{
  const PetscReal q = (c[0][0] + c[1][1] + c[2][2]) / 3.0;
  PetscReal b[3][3], unused[3], p = 0.0, angle;

  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      b[i][j] = c[i][j] - (i == j ? q : 0.0);
      p += b[i][j] * b[i][j] / 6.0;
    }
  }
  p = PetscSqrtReal(p);
  if (!(p > 0.0)) return q;
  cross(b[1], b[2], unused);
  angle = dot(b[0], unused) / (2.0 * p * p * p);
  angle = PetscAcosReal(PetscMax(-1.0, PetscMin(1.0, angle))) / 3.0;
  return q + 2.0 * p * PetscCosReal(angle + 2.0 * PETSC_PI / 3.0);
}

/* F with h = h_build F, normals onto normals; returns its smallest stretch. */
static PetscReal cell_map(const PetscReal h[3][3], const mtp_neighbors *nb, PetscReal f[3][3])
{
  PetscReal before[3][3], after[3][3], inverse[3][3], metric[3][3];

  complete_cell((const PetscReal(*)[3])nb->h_build, nb->nperiodic, before);
  complete_cell(h, nb->nperiodic, after);
  invert((const PetscReal(*)[3])before, inverse);
  for (int i = 0; i < 3; i++) transform(inverse[i], (const PetscReal(*)[3])after, f[i]);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) metric[i][j] = dot(f[i], f[j]);
  }
  return PetscSqrtReal(PetscMax(0.0, smallest_eigenvalue((const PetscReal(*)[3])metric)));
}

PetscBool mtp_neighbors_stale(const PetscReal x[], const PetscReal h[3][3], const mtp_neighbors *nb)
{
  PetscReal f[3][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}};
  PetscReal stretch = 1.0, room;
  PetscBool same = PETSC_TRUE;

  for (PetscInt k = 0; k < nb->nperiodic; k++) {
    for (int a = 0; a < 3; a++) same = same && h[k][a] == nb->h_build[k][a];
  }
  if (!same) stretch = cell_map(h, nb, f);
  room = ((nb->cutoff + nb->skin) * stretch - nb->cutoff) / 2.0;
  if (!(room >= 0.0)) return PETSC_TRUE;
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    PetscReal moved[3], d2 = 0.0;

    transform(nb->x_build + 3 * i, (const PetscReal(*)[3])f, moved);
    for (int a = 0; a < 3; a++) d2 += (x[3 * i + a] - moved[a]) * (x[3 * i + a] - moved[a]);
    if (!(d2 <= room * room)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

void mtp_neighbors_fold(const mtp_neighbors *nb, PetscInt width, PetscReal a[])
{
  for (PetscInt g = 0; g < nb->nghost; g++) {
    PetscReal *to = a + width * nb->parent[g];
    const PetscReal *from = a + width * (nb->nlocal + g);

    for (PetscInt k = 0; k < width; k++) to[k] += from[k];
  }
}
