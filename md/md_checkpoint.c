/* md/md_checkpoint.c - the state of a run as bytes, and back
 *
 * One list of fields serves both directions, so that writing and reading cannot differ.  Besides
 * positions, velocities and cell it holds the reference of the neighbour list (positions and cell
 * of the last build): the order of summation follows from it, and with it every bit of the
 * trajectory. Forces, energy and virial are not stored but evaluated again; the stored energy is
 * compared with that, which finds a blob of another potential.  Random numbers have no state but
 * key and step.
 */
#include "md/md_run_impl.h"

enum { VERSION = 2 };

/* What must agree between blob and run before anything is taken over. */
typedef struct {
  uint64_t sizes; /* of PetscInt and PetscReal in this build */
  int64_t n, nspecies;
  PetscReal cutoff, skin; /* [Å] */
} identity;

static identity identity_of(const md_run *run)
{
  return (identity){.sizes = 256 * sizeof(PetscInt) + sizeof(PetscReal),
                    .n = run->atoms.n,
                    .nspecies = run->atoms.nspecies,
                    .cutoff = run->pot->cutoff,
                    .skin = md__skin(run->pot->cutoff)};
}

typedef PetscErrorCode (*mover)(md_blob *blob, void *data, size_t size);

static PetscErrorCode put(md_blob *blob, void *data, size_t size)
{
  return md_blob_put(blob, data, size);
}

/* An enumeration or a PetscInt travels as 64 bits. */
#define MOVE_INT(type, field)                                                                      \
  do {                                                                                             \
    int64_t wide_ = (int64_t)(field);                                                              \
    PetscCall(move(blob, &wide_, sizeof(wide_)));                                                  \
    (field) = (type)wide_;                                                                         \
  } while (0)
#define MOVE(field)             PetscCall(move(blob, &(field), sizeof(field)))
#define MOVE_ARRAY(array, size) PetscCall(move(blob, (array), sizeof((array)[0]) * (size_t)(size)))

static PetscErrorCode move_protocol(md_protocol *p, md_guard *g, md_blob *blob, mover move)
{
  PetscFunctionBegin;
  MOVE_INT(md_ensemble, p->ensemble);
  MOVE(p->dt);
  MOVE(p->temperature);
  MOVE(p->pressure);
  MOVE(p->tau_t);
  MOVE(p->tau_p);
  MOVE(p->compressibility);
  MOVE(p->max_step);
  MOVE(p->rng.key);
  MOVE_INT(PetscInt, g->every);
  MOVE(g->hot_factor);
  MOVE(g->close_factor);
  MOVE(g->max_move);
  MOVE(g->volume_low);
  MOVE(g->volume_high);
  MOVE(g->drift);
  MOVE(g->grade_break);
  PetscFunctionReturn(0);
}

/* x_build [n,3] and h_build are the reference of the list */
static PetscErrorCode move_state(md_run *run, PetscReal x_build[], PetscReal h_build[3][3],
                                 md_blob *blob, mover move)
{
  const size_t n3 = 3 * (size_t)run->atoms.n;

  PetscFunctionBegin;
  PetscCall(move_protocol(&run->protocol, &run->guard, blob, move));
  MOVE_INT(PetscInt64, run->step);
  MOVE_INT(PetscInt64, run->builds);
  MOVE(run->work);
  MOVE(run->start_conserved);
  MOVE(run->start_volume);
  MOVE(run->start_temperature);
  MOVE(run->grade_max);
  MOVE_INT(md_reason, run->reason);
  MOVE_ARRAY(run->detail, sizeof(run->detail));
  MOVE(run->result.energy);
  MOVE_ARRAY(run->atoms.x, n3);
  MOVE_ARRAY(run->atoms.v, n3);
  MOVE_ARRAY(&run->atoms.h[0][0], 9);
  MOVE_ARRAY(x_build, n3);
  MOVE_ARRAY(&h_build[0][0], 9);
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_save(const md_run *run, md_blob *blob)
{
  identity id = identity_of(run);
  md_run state = *run; /* pointers are shared: nothing is changed through them when writing */

  PetscFunctionBegin;
  PetscCheck(run->started, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "A run must be started before it can be saved");
  PetscCall(md_blob_put_tag(blob, "md_run", VERSION));
  PetscCall(md_blob_put(blob, &id, sizeof(id)));
  PetscCall(md_blob_put(blob, run->atoms.type, sizeof(PetscInt) * (size_t)run->atoms.n));
  PetscCall(md_blob_put(blob, run->atoms.mass, sizeof(PetscReal) * (size_t)run->atoms.nspecies));
  PetscCall(move_state(&state, state.nb.x_build, state.nb.h_build, blob, put));
  PetscFunctionReturn(0);
}

/* The next `size` bytes of the blob must be those at `want`. */
static PetscErrorCode expect_bytes(md_blob *blob, const void *want, size_t size, const char *what)
{
  unsigned char *found;
  PetscErrorCode ierr;
  PetscBool same = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(size, &found));
  ierr = md_blob_get(blob, found, size);
  if (!ierr) ierr = PetscMemcmp(found, want, size, &same);
  PetscCall(PetscFree(found));
  PetscCall(ierr);
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is of another system: %s differ", what);
  PetscFunctionReturn(0);
}

static PetscErrorCode expect_system(const md_run *run, md_blob *blob)
{
  const identity want = identity_of(run);
  identity got;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, "md_run", VERSION));
  PetscCall(md_blob_get(blob, &got, sizeof(got)));
  PetscCheck(got.sizes == want.sizes, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is of a build with other sizes of integers or reals");
  PetscCheck(
      got.n == want.n && got.nspecies == want.nspecies, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
      "The checkpoint is of another system: %" PetscInt64_FMT " atoms of %" PetscInt64_FMT
      " species, wanted %" PetscInt64_FMT " of %" PetscInt64_FMT,
      (PetscInt64)got.n, (PetscInt64)got.nspecies, (PetscInt64)want.n, (PetscInt64)want.nspecies);
  PetscCheck(got.cutoff == want.cutoff && got.skin == want.skin, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is of another potential: its cut-off and skin are %.6f and %.6f A, "
             "wanted %.6f and %.6f A",
             (double)got.cutoff, (double)got.skin, (double)want.cutoff, (double)want.skin);
  PetscCall(expect_bytes(blob, run->atoms.type, sizeof(PetscInt) * (size_t)run->atoms.n,
                         "types of atoms"));
  PetscCall(expect_bytes(blob, run->atoms.mass, sizeof(PetscReal) * (size_t)run->atoms.nspecies,
                         "masses"));
  PetscFunctionReturn(0);
}

/* The list as it was: built at the reference, then carried to the present state by md__forces(). */
static PetscErrorCode restore_list(md_run *run, const PetscReal x_build[],
                                   const PetscReal h_build[3][3])
{
  const PetscReal stored = run->result.energy, cutoff = run->pot->cutoff;
  const PetscInt64 builds = run->builds;

  PetscFunctionBegin;
  run->end = run->step;
  run->trouble = run->reason;
  if (run->reason != MD_RUNNING) PetscFunctionReturn(0);
  PetscCall(mtp_neighbors_build(run->atoms.n, x_build, run->atoms.type, h_build, 3, cutoff,
                                md__skin(cutoff), &run->nb));
  run->listed = PETSC_TRUE;
  PetscCall(md__forces(run));
  PetscCheck(run->reason == MD_RUNNING && run->builds == builds, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED, "The checkpoint does not belong to its neighbour list");
  /* Not to the last bit: the machine that reads may round its exponentials otherwise. */
  PetscCheck(PetscAbsReal(run->result.energy - stored) <= 1e-9 * PetscAbsReal(stored) + 1e-12,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is of another potential: energy %.12g eV, wanted %.12g",
             (double)stored, (double)run->result.energy);
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_load(md_run *run, md_blob *blob)
{
  PetscReal *x_build, h_build[3][3];
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(expect_system(run, blob));
  PetscCall(PetscMalloc1(3 * (size_t)run->atoms.n, &x_build));
  ierr = move_state(run, x_build, h_build, blob, md_blob_get);
  if (!ierr) ierr = md__check_protocol(&run->protocol, &run->guard);
  if (!ierr) ierr = restore_list(run, x_build, (const PetscReal(*)[3])h_build);
  PetscCall(PetscFree(x_build));
  PetscCall(ierr);
  run->started = PETSC_TRUE;
  PetscFunctionReturn(0);
}
