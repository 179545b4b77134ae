/* md/md_profile.c - sums over atoms into blocks, and from blocks to rows */
#include "md/md_profile.h"
#include "md/md_run_impl.h"
#include "md/md_units.h"

#include <math.h>

enum { VERSION = 1, GROUPS = 16 };
enum { SQUARE, MOMENTUM, COUNT }; /* of a slab's numbers; COUNT and the following: species */

static size_t slab_width(const md_profile *p)
{
  return COUNT + (size_t)p->nspecies;
}

static size_t width_of(const md_profile *p)
{
  return MD_PROFILE_NSHARED + (size_t)p->slabs * slab_width(p);
}

PetscErrorCode md_profile_create(PetscInt slabs, const md_atoms *atoms, md_profile *profile)
{
  PetscFunctionBegin;
  *profile = (md_profile){.nblock = 0};
  PetscCheck(slabs >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A profile has %" PetscInt_FMT " slabs, wanted >= 1", slabs);
  profile->slabs = slabs;
  profile->nspecies = atoms->nspecies;
  profile->length = 1;
  profile->time = -1.0;
  PetscCall(PetscMalloc1(atoms->nspecies, &profile->mass));
  PetscCall(PetscArraycpy(profile->mass, atoms->mass, atoms->nspecies));
  PetscCall(PetscCalloc1(MD_PROFILE_BLOCKS * width_of(profile), &profile->block));
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_clear(md_profile *profile)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(profile->mass));
  PetscCall(PetscFree(profile->block));
  *profile = (md_profile){.nblock = 0};
  PetscFunctionReturn(0);
}

/* Neighbours become one: half as many blocks, twice as long. */
static void merge(md_profile *p)
{
  const size_t width = width_of(p);

  p->nblock /= 2;
  p->length *= 2;
  for (size_t k = 0; k < (size_t)p->nblock * width; k++) {
    const size_t block = k / width, number = k % width;

    p->block[k] = p->block[2 * block * width + number] + p->block[(2 * block + 1) * width + number];
  }
  PetscArrayzero(p->block + (size_t)p->nblock * width,
                 ((size_t)MD_PROFILE_BLOCKS - (size_t)p->nblock) * width);
}

/* What all ranks know alike. */
static void add_shared(const md_profile *p, const md_sample *sample, PetscReal block[])
{
  const PetscReal(*h)[3] = (const PetscReal(*)[3])sample->atoms->h;
  PetscReal axis[3], spacing;

  md__slab_axis(h, axis);
  spacing = 1.0 / PetscSqrtReal(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
  block[MD_PROFILE_SAMPLES] += 1.0;
  block[MD_PROFILE_LENGTH] += spacing;
  block[MD_PROFILE_AREA] += sample->volume / spacing;
  block[MD_PROFILE_VOLUME] += sample->volume;
  if (p->time < 0.0 || sample->time <= p->time) return;
  block[MD_PROFILE_TIME] += sample->time - p->time;
  block[MD_PROFILE_MOVED] += sample->exchanged - p->exchanged;
}

static void add_atoms(const md_profile *p, const md_atoms *atoms, PetscReal slabs[])
{
  PetscReal axis[3];

  md__slab_axis((const PetscReal(*)[3])atoms->h, axis);
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscInt slab = md__slab_of(axis, &atoms->x[3 * (size_t)i], p->slabs);
    const PetscReal *v = &atoms->v[3 * (size_t)i], mass = atoms->mass[atoms->type[i]];
    PetscReal *sum = &slabs[(size_t)slab * slab_width(p)];

    sum[SQUARE] += mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    sum[MOMENTUM] += mass * v[0];
    sum[COUNT + atoms->type[i]] += 1.0;
  }
}

PetscErrorCode md_profile_observe(const md_sample *sample, void *profile)
{
  md_profile *p = profile;
  PetscReal *block = p->block + (size_t)p->nblock * width_of(p);

  PetscFunctionBegin;
  add_shared(p, sample, block);
  add_atoms(p, sample->atoms, block + MD_PROFILE_NSHARED);
  p->total = sample->total;
  p->time = sample->time;
  p->exchanged = sample->exchanged;
  if (++p->npartial < p->length) PetscFunctionReturn(0);
  p->npartial = 0;
  if (++p->nblock == MD_PROFILE_BLOCKS) merge(p);
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_total(const md_profile *profile, MPI_Comm comm, md_profile *total)
{
  const size_t width = width_of(profile), n = MD_PROFILE_BLOCKS * width;
  const md_atoms like = {.nspecies = profile->nspecies, .mass = profile->mass};
  PetscReal *mass, *block;

  PetscFunctionBegin;
  PetscCall(md_profile_create(profile->slabs, &like, total));
  mass = total->mass;
  block = total->block;
  *total = *profile;
  total->mass = mass;
  total->block = block;
  PetscCallMPI(MPI_Allreduce(profile->block, block, (PetscMPIInt)n, MPIU_REAL, MPI_SUM, comm));
  for (size_t b = 0; b < MD_PROFILE_BLOCKS; b++) {
    PetscCall(PetscArraycpy(block + b * width, profile->block + b * width, MD_PROFILE_NSHARED));
  }
  PetscFunctionReturn(0);
}

/* Everything but the sums: the same on all ranks. */
typedef struct {
  int64_t slabs, nspecies, total, nblock, length, npartial;
  int64_t ranks; /* that wrote */
  PetscReal time, exchanged;
} header;

/* Numbers of one rank that are written: complete blocks and the one being filled */
static size_t written(const md_profile *p)
{
  return ((size_t)p->nblock + 1) * width_of(p);
}

PetscErrorCode md_profile_save(const md_profile *p, MPI_Comm comm, md_blob *blob)
{
  const size_t n = written(p);
  PetscMPIInt rank, size;
  PetscReal *all = NULL;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (rank == 0) PetscCall(PetscMalloc1(n * (size_t)size, &all));
  PetscCallMPI(
      MPI_Gather(p->block, (PetscMPIInt)n, MPIU_REAL, all, (PetscMPIInt)n, MPIU_REAL, 0, comm));
  if (rank == 0) {
    const header head = {p->slabs,    p->nspecies, p->total, p->nblock,   p->length,
                         p->npartial, size,        p->time,  p->exchanged};

    PetscCall(md_blob_put_tag(blob, "profile", VERSION));
    PetscCall(md_blob_put(blob, &head, sizeof(head)));
    PetscCall(md_blob_put(blob, p->mass, sizeof(PetscReal) * (size_t)p->nspecies));
    PetscCall(md_blob_put(blob, all, sizeof(PetscReal) * n * (size_t)size));
  }
  PetscCall(PetscFree(all));
  PetscFunctionReturn(0);
}

static PetscBool plausible(const header *head, const md_profile *p)
{
  if (head->slabs != p->slabs || head->nspecies != p->nspecies) return PETSC_FALSE;
  if (head->nblock < 0 || head->nblock >= MD_PROFILE_BLOCKS) return PETSC_FALSE;
  if (head->length < 1 || (head->length & (head->length - 1))) return PETSC_FALSE;
  if (head->npartial < 0 || head->npartial >= head->length) return PETSC_FALSE;
  return (PetscBool)(head->total >= 0 && head->ranks >= 1);
}

/* What stands before the sums; rank 0. */
static PetscErrorCode read_head(const md_profile *p, md_blob *blob, header *head)
{
  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, "profile", VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(*head)));
  PetscCheck(plausible(head, p), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "The saved profile does not fit: %" PetscInt64_FMT " slabs and %" PetscInt64_FMT
             " species, wanted %" PetscInt_FMT " and %" PetscInt_FMT,
             (PetscInt64)head->slabs, (PetscInt64)head->nspecies, p->slabs, p->nspecies);
  for (PetscInt t = 0; t < p->nspecies; t++) {
    PetscReal mass;

    PetscCall(md_blob_get(blob, &mass, sizeof(mass)));
    PetscCheck(mass == p->mass[t], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "The saved profile is of other masses");
  }
  PetscFunctionReturn(0);
}

static void take_head(const header *head, md_profile *p)
{
  p->total = (PetscInt)head->total;
  p->nblock = (PetscInt)head->nblock;
  p->length = head->length;
  p->npartial = head->npartial;
  p->time = head->time;
  p->exchanged = head->exchanged;
}

/* The sums of the ranks that wrote, all [size,n] with n = written(p), on rank 0.  Where other ranks
   read, the sums of slabs are added up on the first; shared numbers are the same for all. */
static PetscErrorCode read_sums(const md_profile *p, int64_t ranks, PetscMPIInt size, md_blob *blob,
                                PetscReal all[])
{
  const size_t n = written(p), width = width_of(p);
  PetscReal *one;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (ranks == size) {
    PetscCall(md_blob_get(blob, all, sizeof(PetscReal) * n * (size_t)size));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscArrayzero(all, n * (size_t)size));
  PetscCall(PetscMalloc1(n, &one));
  for (int64_t r = 0; r < ranks && !ierr; r++) {
    ierr = md_blob_get(blob, one, sizeof(PetscReal) * n);
    for (size_t k = 0; k < n && !ierr; k++) {
      if (k % width >= MD_PROFILE_NSHARED) all[k] += one[k];
    }
  }
  for (size_t k = 0; k < n * (size_t)size && !ierr; k++) {
    if (k % width < MD_PROFILE_NSHARED) all[k] = one[k % n];
  }
  PetscCall(PetscFree(one));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_load(md_profile *p, MPI_Comm comm, md_blob *blob)
{
  PetscMPIInt rank, size, failed;
  PetscErrorCode ierr = 0;
  PetscReal *all = NULL;
  header head = {.slabs = 0};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (rank == 0) {
    ierr = read_head(p, blob, &head);
    if (!ierr) take_head(&head, p);
    if (!ierr) ierr = PetscMalloc1(written(p) * (size_t)size, &all);
    if (!ierr) ierr = read_sums(p, head.ranks, size, blob, all);
  }
  failed = (PetscMPIInt)ierr;
  PetscCallMPI(MPI_Bcast(&failed, 1, MPI_INT, 0, comm));
  if (failed) PetscCall(PetscFree(all));
  PetscCall(ierr);
  PetscCheck(!failed, PETSC_COMM_SELF, (PetscErrorCode)failed, "Rank 0 refuses the saved profile");
  PetscCallMPI(MPI_Bcast(&head, (PetscMPIInt)sizeof(head), MPI_BYTE, 0, comm));
  take_head(&head, p);
  PetscCall(PetscArrayzero(p->block, MD_PROFILE_BLOCKS * width_of(p)));
  PetscCallMPI(MPI_Scatter(all, (PetscMPIInt)written(p), MPIU_REAL, p->block,
                           (PetscMPIInt)written(p), MPIU_REAL, 0, comm));
  PetscCall(PetscFree(all));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_range(const md_profile *p, PetscInt first, PetscInt last)
{
  PetscFunctionBegin;
  PetscCheck(0 <= first && first < last && last <= p->nblock, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Blocks %" PetscInt_FMT " to %" PetscInt_FMT " of a profile that has %" PetscInt_FMT,
             first, last - 1, p->nblock);
  PetscFunctionReturn(0);
}

/* One number of the blocks, summed over first..last-1 */
static PetscReal summed(const md_profile *p, PetscInt first, PetscInt last, size_t number)
{
  PetscReal sum = 0.0;

  for (PetscInt b = first; b < last; b++) sum += p->block[(size_t)b * width_of(p) + number];
  return sum;
}

/* Index in a block of a number of a slab */
static size_t place(const md_profile *p, PetscInt slab, PetscInt number)
{
  return MD_PROFILE_NSHARED + (size_t)slab * slab_width(p) + (size_t)number;
}

typedef struct {
  PetscReal square, momentum, mass, count;
} moments;

static moments moments_of(const md_profile *p, PetscInt first, PetscInt last, PetscInt slab)
{
  moments m = {.square = summed(p, first, last, place(p, slab, SQUARE)),
               .momentum = summed(p, first, last, place(p, slab, MOMENTUM))};

  for (PetscInt t = 0; t < p->nspecies; t++) {
    const PetscReal count = summed(p, first, last, place(p, slab, COUNT + t));

    m.count += count;
    m.mass += count * p->mass[t];
  }
  return m;
}

PetscErrorCode md_profile_average(const md_profile *p, PetscInt first, PetscInt last,
                                  md_profile_row row[])
{
  const PetscReal n = (PetscReal)p->total, frame = p->total > 1 ? n / (n - 1.0) : 1.0;
  PetscReal samples, volume, length;

  PetscFunctionBegin;
  PetscCall(check_range(p, first, last));
  samples = summed(p, first, last, MD_PROFILE_SAMPLES);
  volume = summed(p, first, last, MD_PROFILE_VOLUME) / (PetscReal)p->slabs;
  length = summed(p, first, last, MD_PROFILE_LENGTH) / samples;
  for (PetscInt k = 0; k < p->slabs; k++) {
    const moments all = moments_of(p, 0, p->nblock, k), m = moments_of(p, first, last, k);
    const PetscReal u = all.momentum / all.mass;
    const PetscReal heat = m.square - 2.0 * u * m.momentum + u * u * m.mass;

    row[k].z = length * ((PetscReal)k + 0.5) / (PetscReal)p->slabs;
    row[k].temperature = frame * heat / (3.0 * MD_BOLTZMANN * m.count);
    row[k].velocity = m.momentum / m.mass;
    row[k].density = m.mass / volume;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_error(const md_profile *p, md_profile_row row[])
{
  const PetscInt groups = PetscMin(GROUPS, p->nblock), size = groups > 0 ? p->nblock / groups : 0;
  const PetscReal nan = (PetscReal)NAN;
  md_profile_row *mean, *one;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < p->slabs; k++) row[k] = (md_profile_row){0.0, nan, nan, nan};
  if (groups < 2) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2(p->slabs, &mean, p->slabs, &one));
  ierr = md_profile_average(p, 0, groups * size, mean);
  for (PetscInt k = 0; k < p->slabs && !ierr; k++) row[k] = (md_profile_row){.z = 0.0};
  for (PetscInt g = 0; g < groups && !ierr; g++) {
    ierr = md_profile_average(p, g * size, (g + 1) * size, one);
    for (PetscInt k = 0; k < p->slabs && !ierr; k++) {
      row[k].temperature += PetscSqr(one[k].temperature - mean[k].temperature);
      row[k].velocity += PetscSqr(one[k].velocity - mean[k].velocity);
      row[k].density += PetscSqr(one[k].density - mean[k].density);
    }
  }
  for (PetscInt k = 0; k < p->slabs && !ierr; k++) {
    const PetscReal dof = (PetscReal)(groups * (groups - 1));

    row[k].temperature = PetscSqrtReal(row[k].temperature / dof);
    row[k].velocity = PetscSqrtReal(row[k].velocity / dof);
    row[k].density = PetscSqrtReal(row[k].density / dof);
  }
  PetscCall(PetscFree2(mean, one));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_composition(const md_profile *p, PetscInt first, PetscInt last,
                                      PetscReal x[])
{
  PetscFunctionBegin;
  PetscCall(check_range(p, first, last));
  for (PetscInt k = 0; k < p->slabs; k++) {
    const PetscReal count = moments_of(p, first, last, k).count;

    for (PetscInt t = 0; t < p->nspecies; t++) {
      x[k * p->nspecies + t] = summed(p, first, last, place(p, k, COUNT + t)) / count;
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_profile_flux(const md_profile *p, PetscInt first, PetscInt last, PetscReal *flux)
{
  PetscReal samples, area, time;

  PetscFunctionBegin;
  PetscCall(check_range(p, first, last));
  samples = summed(p, first, last, MD_PROFILE_SAMPLES);
  area = summed(p, first, last, MD_PROFILE_AREA) / samples;
  time = summed(p, first, last, MD_PROFILE_TIME);
  *flux = 0.0;
  if (time > 0.0) *flux = summed(p, first, last, MD_PROFILE_MOVED) / (2.0 * area * time);
  PetscFunctionReturn(0);
}
