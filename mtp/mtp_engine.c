/* mtp/mtp_engine.c - chooses the kernel, keeps plan and scratch; the contract is in mtp_kernel.h */
#include "mtp/mtp_grade.h"
#include "mtp/mtp_kernel_impl.h"

#include <stdlib.h>
#include <string.h>

struct mtp_engine {
  const mtp_potential *pot;
  const mtp_kernel_unit *unit; /* NULL: the reference kernel */
  mtp_plan *plan;
  mtp_plan_grade *grade;          /* NULL: no active set, or the reference kernel */
  const mtp_selection *selection; /* reference kernel only; borrowed */
  const mtp_generated *generated;
  void *scratch; /* aligned to 64 bytes */
  size_t scratch_bytes;
};

static const char *const names[MTP_KERNEL_COUNT] = {"auto", "reference", "portable", "avx2",
                                                    "avx512"};

const char *mtp_kernel_name(mtp_kernel_kind kind)
{
  return names[kind];
}

PetscBool mtp_kernel_find(const char *name, mtp_kernel_kind *kind)
{
  for (int k = 0; k < MTP_KERNEL_COUNT; k++) {
    if (strcmp(name, names[k]) != 0) continue;
    *kind = (mtp_kernel_kind)k;
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscBool mtp_kernel_available(mtp_kernel_kind kind)
{
#ifdef MTP_HAVE_X86
  if (kind == MTP_KERNEL_AVX2) {
    return (PetscBool)(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  }
  if (kind == MTP_KERNEL_AVX512) {
    return (PetscBool)(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"));
  }
#endif
  return (PetscBool)(kind < MTP_KERNEL_AVX2);
}

static mtp_kernel_kind best_kernel(void)
{
  if (mtp_kernel_available(MTP_KERNEL_AVX512)) return MTP_KERNEL_AVX512;
  return mtp_kernel_available(MTP_KERNEL_AVX2) ? MTP_KERNEL_AVX2 : MTP_KERNEL_PORTABLE;
}

static const mtp_kernel_unit *unit_of(mtp_kernel_kind kind)
{
  switch (kind) {
  case MTP_KERNEL_PORTABLE:
    return &mtp__kernel_portable;
#ifdef MTP_HAVE_X86
  case MTP_KERNEL_AVX2:
    return &mtp__kernel_avx2;
  case MTP_KERNEL_AVX512:
    return &mtp__kernel_avx512;
#endif
  default:
    return NULL;
  }
}

static void find_generated(mtp_engine *engine)
{
  for (const mtp_generated *const *g = engine->unit->generated; *g; g++) {
    if ((*g)->signature == engine->plan->signature) engine->generated = *g;
  }
}

static PetscErrorCode check_selection(const mtp_potential *pot, const mtp_selection *sel)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  if (!sel) PetscFunctionReturn(0);
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCheck(mtp_selection_size(sel) == info.ncoeff, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "Active set of %" PetscInt_FMT " coefficients, the potential has %" PetscInt_FMT,
             mtp_selection_size(sel), info.ncoeff);
  PetscCheck(mtp_selection_get_mode(sel) != MTP_SELECTION_OTHER, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Active set with mixed weights: no grades");
  PetscFunctionReturn(0);
}

static PetscErrorCode prepare(const mtp_potential *pot, const mtp_engine_options *options,
                              mtp_engine *engine)
{
  mtp_kernel_kind kind = options ? options->kernel : MTP_KERNEL_AUTO;

  PetscFunctionBegin;
  PetscCheck(mtp_potential_trained(pot), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no coefficients: it must be trained first", pot->name);
  PetscCheck(kind < MTP_KERNEL_COUNT && mtp_kernel_available(kind), PETSC_COMM_SELF, PETSC_ERR_SUP,
             "This processor has no instructions for kernel %s",
             kind < MTP_KERNEL_COUNT ? names[kind] : "?");
  PetscCall(check_selection(pot, options ? options->selection : NULL));
  if (kind == MTP_KERNEL_AUTO) kind = best_kernel();
  engine->pot = pot;
  engine->selection = options ? options->selection : NULL;
  engine->unit = unit_of(kind);
  if (!engine->unit || pot->radial_funcs > MTP_KERNEL_MAX_K) {
    engine->unit = NULL;
    PetscFunctionReturn(0);
  }
  /* grades need the scalars with a coefficient of 0, too */
  PetscCall(
      mtp_plan_create(pot, engine->unit->lanes, (PetscBool)!engine->selection, &engine->plan));
  if (!engine->plan) engine->unit = NULL;
  if (engine->plan && !(options && options->tables)) find_generated(engine);
  if (engine->plan && engine->selection) {
    PetscCall(mtp_plan_grade_create(pot, engine->plan, engine->selection, &engine->grade));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_create(const mtp_potential *pot, const mtp_engine_options *options,
                                 mtp_engine **engine)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscNew(engine));
  ierr = prepare(pot, options, *engine);
  if (ierr) PetscCall(mtp_engine_destroy(engine));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_destroy(mtp_engine **engine)
{
  PetscFunctionBegin;
  if (!*engine) PetscFunctionReturn(0);
  PetscCall(mtp_plan_grade_destroy(&(*engine)->grade));
  PetscCall(mtp_plan_destroy(&(*engine)->plan));
  free((*engine)->scratch);
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_list(const mtp_engine *engine, const mtp_neighbors *nb)
{
  const mtp_potential *pot = engine->pot;

  PetscFunctionBegin;
  PetscCheck(nb->cutoff >= pot->cutoff, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Neighbour list reaches %g Å, the potential %g Å", (double)nb->cutoff,
             (double)pot->cutoff);
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    PetscCheck(nb->type[i] >= 0 && nb->type[i] < pot->nspecies, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT
               ", the potential has types 0 to %" PetscInt_FMT,
               i, nb->type[i], pot->nspecies - 1);
  }
  PetscFunctionReturn(0);
}

/* Scratch for rows as long as the longest of the list; PETSc's allocator does not align enough. */
static PetscErrorCode reserve(mtp_engine *engine, PetscInt longest)
{
  const size_t bytes = engine->unit->scratch_size(engine->plan, engine->grade, longest);

  PetscFunctionBegin;
  if (bytes <= engine->scratch_bytes) PetscFunctionReturn(0);
  free(engine->scratch);
  engine->scratch_bytes = 0;
  engine->scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
  PetscCheck(engine->scratch, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for %zu bytes", bytes);
  memset(engine->scratch, 0, bytes);
  engine->scratch_bytes = bytes;
  PetscFunctionReturn(0);
}

static PetscInt longest_row(const mtp_neighbors *nb)
{
  PetscInt longest = 0;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    longest = PetscMax(longest, nb->first[i + 1] - nb->first[i]);
  }
  return longest;
}

static void leave_out(PetscInt nlocal, mtp_result *out)
{
  if (out->skip & MTP_SKIP_ENERGY) {
    out->energy = (PetscReal)NAN;
    for (PetscInt i = 0; out->site_energy && i < nlocal; i++) out->site_energy[i] = (PetscReal)NAN;
  }
  for (int k = 0; k < 9 && (out->skip & MTP_SKIP_VIRIAL); k++) out->virial[k] = (PetscReal)NAN;
}

PetscErrorCode mtp_engine_evaluate(mtp_engine *engine, const mtp_neighbors *nb, mtp_result *out)
{
  mtp_kernel_job job = {.plan = engine->plan,
                        .generated = engine->generated,
                        .grade = out->grade ? engine->grade : NULL,
                        .nb = nb,
                        .out = out};

  PetscFunctionBegin;
  PetscCheck(!out->grade || engine->selection, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Grades are asked for, but the engine was made without an active set");
  if (!engine->unit) {
    PetscCall(mtp_potential_evaluate(engine->pot, nb, out));
    if (out->grade) {
      PetscCall(
          mtp_grade_evaluate(engine->pot, engine->selection, nb, out->grade, &out->max_grade));
    }
    leave_out(nb->nlocal, out);
    PetscFunctionReturn(0);
  }
  PetscCall(check_list(engine, nb));
  job.longest = longest_row(nb);
  PetscCall(reserve(engine, job.longest));
  job.scratch = engine->scratch;
  out->energy = 0.0;
  PetscCall(PetscArrayzero(out->virial, 9));
  if (out->force) PetscCall(PetscArrayzero(out->force, 3 * nb->nall));
  if (out->atom_virial) PetscCall(PetscArrayzero(out->atom_virial, 9 * nb->nall));
  engine->unit->evaluate(&job);
  leave_out(nb->nlocal, out);
  PetscFunctionReturn(0);
}

void mtp_engine_get_info(const mtp_engine *engine, mtp_engine_info *info)
{
  info->kernel = engine->unit ? engine->unit->name : names[MTP_KERNEL_REFERENCE];
  info->generated = (PetscBool)(engine->generated != NULL);
  info->lanes = engine->unit ? engine->unit->lanes : 1;
  info->scratch = engine->scratch_bytes;
}

PetscReal mtp_engine_operations(const mtp_engine *engine, PetscReal neighbours)
{
  return engine->plan ? mtp_plan_operations(engine->plan, neighbours) : 0.0;
}

PetscReal mtp_engine_grade_cost(const mtp_engine *engine, PetscReal neighbours)
{
  if (!engine->selection) return 0.0;
  if (!engine->grade) return 1.0; /* the reference path forms everything again */
  return mtp_plan_grade_operations(engine->plan, engine->grade, neighbours) /
         mtp_plan_operations(engine->plan, neighbours);
}
