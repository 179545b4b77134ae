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

#include "md/md_halo.h"

enum { VERSION = 6 };

/* What must agree between blob and run before anything is taken over. */
typedef struct {
  uint64_t sizes; /* of PetscInt and PetscReal in this build */
  int64_t n, nspecies;
  PetscReal cutoff, skin; /* [Å] */
} identity;

static identity identity_of(const md_run *run)
{
  return (identity){.sizes = 256 * sizeof(PetscInt) + sizeof(PetscReal),
                    .n = run->total,
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
  MOVE_INT(PetscInt, p->nknot);
  for (int k = 0; k < MD_MAX_KNOTS; k++) {
    MOVE_INT(PetscInt64, p->knot[k].step);
    MOVE(p->knot[k].temperature);
  }
  MOVE(p->pressure);
  MOVE_INT(md_shape, p->shape);
  MOVE(p->tau_t);
  MOVE(p->tau_p);
  MOVE(p->compressibility);
  MOVE(p->max_step);
  MOVE_INT(md_rnemd_kind, p->rnemd.kind);
  MOVE_INT(PetscInt, p->rnemd.slabs);
  MOVE_INT(PetscInt, p->rnemd.period);
  MOVE_INT(PetscInt, p->rnemd.swaps);
  MOVE(p->rng.key);
  MOVE_INT(PetscInt, g->every);
  MOVE(g->hot_factor);
  MOVE(g->close_factor);
  MOVE(g->max_move);
  MOVE(g->volume_low);
  MOVE(g->volume_high);
  MOVE(g->drift);
  MOVE(g->grade_break);
  MOVE(g->max_force);
  MOVE(g->pressure_factor);
  MOVE_INT(PetscInt, g->every_structure);
  MOVE(g->window);
  MOVE(g->void_atoms);
  MOVE(g->stall);
  MOVE(g->order);
  MOVE(g->segregation);
  PetscFunctionReturn(0);
}

static PetscErrorCode move_memory(md__memory *m, md_blob *blob, mover move)
{
  PetscFunctionBegin;
  MOVE_INT(PetscInt64, m->good_step);
  MOVE_ARRAY(&m->good_h[0][0], 9);
  MOVE_INT(PetscInt64, m->anchor_step);
  MOVE_ARRAY(&m->anchor_h[0][0], 9);
  MOVE_INT(PetscInt64, m->void_since);
  MOVE_INT(PetscInt64, m->apart_since);
  PetscFunctionReturn(0);
}

/* Everything but the atoms: the same on all ranks. */
static PetscErrorCode move_head(md_run *run, PetscReal h_build[3][3], md_blob *blob, mover move)
{
  PetscFunctionBegin;
  PetscCall(move_protocol(&run->protocol, &run->guard, blob, move));
  MOVE_INT(PetscInt64, run->step);
  MOVE_INT(PetscInt64, run->builds);
  MOVE_ARRAY(run->extended.particles.v, MD__CHAIN);
  for (int g = 0; g < 3; g++) MOVE_ARRAY(run->extended.cell[g].v, MD__CHAIN);
  MOVE_ARRAY(run->extended.rate, 3);
  MOVE(run->work);
  MOVE(run->start_conserved);
  MOVE(run->start_volume);
  MOVE(run->start_temperature);
  MOVE(run->start_pressure);
  MOVE(run->grade_max);
  MOVE_INT(PetscInt64, run->tally.done);
  MOVE_INT(PetscInt64, run->tally.missed);
  MOVE(run->tally.exchanged);
  MOVE_INT(md_reason, run->reason);
  MOVE_ARRAY(run->detail, sizeof(run->detail));
  MOVE(run->result.energy);
  MOVE_ARRAY(&run->atoms.h[0][0], 9);
  MOVE_ARRAY(&h_build[0][0], 9);
  PetscCall(move_memory(&run->memory, blob, move));
  PetscFunctionReturn(0);
}

/* Bricks of the ranks: a checkpoint of other ranks has others, which are passed over. */
static PetscErrorCode put_cuts(const md_run *run, md_blob *blob)
{
  const md__domain *domain = run->halo ? &run->halo->domain : NULL;

  PetscFunctionBegin;
  for (PetscMPIInt r = 1; domain && r < run->size; r++) {
    const int64_t axis = domain->axis[r];

    PetscCall(md_blob_put(blob, &axis, sizeof(axis)));
    PetscCall(md_blob_put(blob, &domain->at[r], sizeof(domain->at[r])));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode get_cuts(const md_run *run, int64_t size, md_blob *blob)
{
  md__domain *domain = size == run->size && run->halo ? &run->halo->domain : NULL;

  PetscFunctionBegin;
  for (int64_t r = 1; r < size; r++) {
    int64_t axis;
    PetscReal at;

    PetscCall(md_blob_get(blob, &axis, sizeof(axis)));
    PetscCall(md_blob_get(blob, &at, sizeof(at)));
    PetscCheck(axis >= 0 && axis < 3, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "The checkpoint is damaged: a cut across axis %" PetscInt64_FMT, (PetscInt64)axis);
    if (!domain) continue;
    domain->axis[r] = (int)axis;
    domain->at[r] = at;
  }
  if (domain) md__domain_bricks(domain);
  PetscFunctionReturn(0);
}

/* The arrays of all atoms by number, [total,3] each. */
typedef struct {
  PetscInt *type;
  PetscReal *x, *v, *x_build, *good, *anchor;
} everybody;

static PetscErrorCode everybody_create(PetscInt total, everybody *e)
{
  const size_t n3 = 3 * (size_t)total;

  PetscFunctionBegin;
  PetscCall(PetscMalloc6(total, &e->type, n3, &e->x, n3, &e->v, n3, &e->x_build, n3, &e->good, n3,
                         &e->anchor));
  PetscFunctionReturn(0);
}

static PetscErrorCode everybody_destroy(everybody *e)
{
  PetscFunctionBegin;
  PetscCall(PetscFree6(e->type, e->x, e->v, e->x_build, e->good, e->anchor));
  PetscFunctionReturn(0);
}

static PetscErrorCode put_everybody(const md_run *run, md_blob *blob)
{
  const PetscInt total = run->rank == 0 ? run->total : 0;
  const size_t n3 = 3 * (size_t)total;
  everybody e;

  PetscFunctionBegin;
  PetscCall(everybody_create(total, &e));
  PetscCall(md__collect_types(run, e.type));
  PetscCall(md__collect(run, 3, run->atoms.x, e.x));
  PetscCall(md__collect(run, 3, run->atoms.v, e.v));
  /* a run that was loaded after its end has no list, and needs none */
  PetscCall(md__collect(run, 3, run->listed ? run->nb.x_build : run->atoms.x, e.x_build));
  PetscCall(md__collect(run, 3, run->memory.good, e.good));
  PetscCall(md__collect(run, 3, run->memory.anchor, e.anchor));
  if (run->rank == 0) {
    PetscCall(md_blob_put(blob, e.type, sizeof(PetscInt) * (size_t)total));
    PetscCall(md_blob_put(blob, e.x, sizeof(PetscReal) * n3));
    PetscCall(md_blob_put(blob, e.v, sizeof(PetscReal) * n3));
    PetscCall(md_blob_put(blob, e.x_build, sizeof(PetscReal) * n3));
    PetscCall(md_blob_put(blob, e.good, sizeof(PetscReal) * n3));
    PetscCall(md_blob_put(blob, e.anchor, sizeof(PetscReal) * n3));
  }
  PetscCall(everybody_destroy(&e));
  PetscFunctionReturn(0);
}

/* Tag, system, cuts and head, from rank 0. */
static PetscErrorCode put_front(const md_run *run, md_blob *blob)
{
  md_run state = *run; /* pointers are shared: nothing is changed through them when writing */
  identity id = identity_of(run);
  int64_t size = run->size;
  md_blob head = {0};
  uint64_t length;

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, "md_run", VERSION));
  PetscCall(md_blob_put(blob, &id, sizeof(id)));
  PetscCall(md_blob_put(blob, run->atoms.mass, sizeof(PetscReal) * (size_t)run->atoms.nspecies));
  PetscCall(md_blob_put(blob, &size, sizeof(size)));
  PetscCall(put_cuts(run, blob));
  PetscCall(move_head(&state, state.nb.h_build, &head, put));
  length = head.size;
  PetscCall(md_blob_put(blob, &length, sizeof(length)));
  PetscCall(md_blob_put(blob, head.data, head.size));
  PetscCall(md_blob_clear(&head));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_save(const md_run *run, md_blob *blob)
{
  size_t at = 0;

  PetscFunctionBegin;
  PetscCheck(run->started, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "A run must be started before it can be saved");
  if (run->rank == 0) PetscCall(md_blob_seal_begin(blob, &at));
  if (run->rank == 0) PetscCall(put_front(run, blob));
  PetscCall(put_everybody(run, blob));
  if (run->rank == 0) PetscCall(md_blob_seal_end(blob, at));
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

/* Tag and system of a blob, which must be those of the run. */
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
  PetscCall(expect_bytes(blob, run->atoms.mass, sizeof(PetscReal) * (size_t)run->atoms.nspecies,
                         "masses"));
  PetscFunctionReturn(0);
}

/* What rank 0 reads before the others can be told. */
typedef struct {
  int64_t size; /* ranks that wrote */
  uint64_t length;
  unsigned char *head; /* [length] */
  everybody all;
} contents;

/* On rank 0; type [total] are the types of the run. */
static PetscErrorCode read_contents(const md_run *run, const PetscInt type[], md_blob *blob,
                                    contents *c)
{
  const size_t n3 = 3 * (size_t)run->total;

  PetscFunctionBegin;
  PetscCall(expect_system(run, blob));
  PetscCall(md_blob_get(blob, &c->size, sizeof(c->size)));
  PetscCheck(c->size >= 1 && c->size <= PETSC_MAX_INT, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is damaged: it is of %" PetscInt64_FMT " ranks", (PetscInt64)c->size);
  PetscCall(get_cuts(run, c->size, blob));
  PetscCall(md_blob_get(blob, &c->length, sizeof(c->length)));
  PetscCheck(c->length <= blob->size, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint is damaged: its head is longer than the whole");
  PetscCall(PetscMalloc1(c->length, &c->head));
  PetscCall(md_blob_get(blob, c->head, c->length));
  PetscCall(expect_bytes(blob, type, sizeof(PetscInt) * (size_t)run->total, "types of atoms"));
  PetscCall(md_blob_get(blob, c->all.x, sizeof(PetscReal) * n3));
  PetscCall(md_blob_get(blob, c->all.v, sizeof(PetscReal) * n3));
  PetscCall(md_blob_get(blob, c->all.x_build, sizeof(PetscReal) * n3));
  PetscCall(md_blob_get(blob, c->all.good, sizeof(PetscReal) * n3));
  PetscCall(md_blob_get(blob, c->all.anchor, sizeof(PetscReal) * n3));
  PetscFunctionReturn(0);
}

/* The next sealed block of `blob`, which holds a checkpoint and nothing else. */
static PetscErrorCode read_block(const md_run *run, const PetscInt type[], md_blob *blob,
                                 contents *c)
{
  md_blob inside = {0};

  PetscFunctionBegin;
  PetscCall(md_blob_open(blob, &inside));
  PetscCall(read_contents(run, type, &inside, c));
  PetscCheck(inside.read == inside.size, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The checkpoint has %zu bytes too many", inside.size - inside.read);
  PetscFunctionReturn(0);
}

/* Rank 0's contents and cuts to all, or its error. */
static PetscErrorCode spread_contents(md_run *run, PetscErrorCode ierr, contents *c)
{
  PetscInt64 note[3] = {(PetscInt64)ierr, (PetscInt64)c->size, (PetscInt64)c->length};
  md__domain *domain = run->halo ? &run->halo->domain : NULL;

  PetscFunctionBegin;
  if (!domain) { /* one rank */
    PetscCall(ierr);
    PetscFunctionReturn(0);
  }
  PetscCallMPI(MPI_Bcast(note, 3, MPIU_INT64, 0, run->comm));
  PetscCall(ierr);
  PetscCheck(note[0] == 0, PETSC_COMM_SELF, (PetscErrorCode)note[0],
             "Rank 0 refuses the checkpoint");
  c->size = note[1];
  c->length = (uint64_t)note[2];
  if (run->rank != 0) PetscCall(PetscMalloc1(c->length, &c->head));
  PetscCallMPI(MPI_Bcast(c->head, (PetscMPIInt)c->length, MPI_BYTE, 0, run->comm));
  PetscCallMPI(MPI_Bcast(domain->axis, run->size, MPI_INT, 0, run->comm));
  PetscCallMPI(MPI_Bcast(domain->at, run->size, MPIU_REAL, 0, run->comm));
  md__domain_bricks(domain);
  PetscFunctionReturn(0);
}

/* All atoms onto rank 0, from where they go to their owners. */
static PetscErrorCode place_atoms(const contents *c, const PetscInt type[], md_run *run)
{
  md_atoms *a = &run->atoms;
  const PetscInt n = run->rank == 0 ? run->total : 0;

  PetscFunctionBegin;
  run->listed = PETSC_FALSE; /* whatever list there was is of other atoms */
  PetscCall(md__reserve_atoms(n, run));
  for (PetscInt i = 0; i < n; i++) a->id[i] = i;
  PetscCall(PetscArraycpy(a->type, type, n));
  PetscCall(PetscArraycpy(a->x, c->all.x, 3 * (size_t)n));
  PetscCall(PetscArraycpy(a->v, c->all.v, 3 * (size_t)n));
  PetscCall(PetscArraycpy(run->memory.good, c->all.good, 3 * (size_t)n));
  PetscCall(PetscArraycpy(run->memory.anchor, c->all.anchor, 3 * (size_t)n));
  PetscFunctionReturn(0);
}

/* The list as it was: built at the reference, on ranks as many as wrote with the same bricks, and
   then carried to the present state by md__forces(); on other ranks a new one. */
static PetscErrorCode restore_list(md_run *run, const contents *c, const PetscReal h_build[3][3])
{
  const size_t n3 = 3 * (size_t)run->atoms.n;
  PetscReal *place;

  PetscFunctionBegin;
  if (c->size != run->size) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(n3 + 1, &place));
  PetscCall(PetscArraycpy(place, c->all.x_build, n3));
  if (run->halo) PetscCall(md__decompose_as(run, h_build, &place));
  PetscCall(md__build(run, place, h_build));
  PetscCall(PetscFree(place));
  PetscFunctionReturn(0);
}

/* Forces again; the stored energy says whether they are of the same potential. */
static PetscErrorCode restore_forces(md_run *run, const contents *c)
{
  const PetscReal stored = run->result.energy;
  const PetscInt64 builds = run->builds + (c->size == run->size ? 0 : 1);

  PetscFunctionBegin;
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

/* A cell that a list can be built in: finite, and not so thin that images are without number. */
static PetscErrorCode check_cell(const md_run *run, const PetscReal h[3][3])
{
  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    const PetscReal *a = h[k], *b = h[(k + 1) % 3], *c = h[(k + 2) % 3];
    const PetscReal n[3] = {b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2],
                            b[0] * c[1] - b[1] * c[0]};
    const PetscReal area = PetscSqrtReal(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    const PetscReal volume = PetscAbsReal(a[0] * n[0] + a[1] * n[1] + a[2] * n[2]);

    PetscCheck(volume >= area * run->pot->cutoff / 16.0 && area > 0.0 && area < 1e15,
               PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "The checkpoint is damaged: its cell is %.3g Å thick", (double)(volume / area));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode restore(md_run *run, const contents *c, const PetscInt type[])
{
  PetscReal h_build[3][3];
  md_blob head = {0};

  PetscFunctionBegin;
  md_blob_view(&head, c->head, c->length);
  PetscCall(move_head(run, h_build, &head, md_blob_get));
  PetscCall(md__check_protocol(&run->protocol, &run->guard));
  PetscCall(md__check_rnemd(&run->protocol, (const PetscReal(*)[3])run->atoms.h));
  PetscCall(place_atoms(c, type, run));
  run->end = run->step;
  run->trouble = run->reason;
  if (run->reason == MD_RUNNING) {
    PetscCall(check_cell(run, (const PetscReal(*)[3])run->atoms.h));
    PetscCall(check_cell(run, (const PetscReal(*)[3])h_build));
    PetscCall(restore_list(run, c, (const PetscReal(*)[3])h_build));
    PetscCall(restore_forces(run, c));
  }
  run->started = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_load(md_run *run, md_blob *blob)
{
  const PetscInt total = run->rank == 0 ? run->total : 0;
  contents c = {0};
  PetscInt *type;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(total, &type));
  PetscCall(md__collect_types(run, type));
  PetscCall(everybody_create(total, &c.all));
  if (run->rank == 0) ierr = read_block(run, type, blob, &c);
  ierr = spread_contents(run, ierr, &c);
  if (!ierr) ierr = restore(run, &c, type);
  PetscCall(PetscFree(c.head));
  PetscCall(everybody_destroy(&c.all));
  PetscCall(PetscFree(type));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
