/* properties/prop_rdf.c - counting pairs; layout in prop_rdf_impl.h
 *
 * The neighbour list is built afresh for each sample and thrown away.  Keeping it while it is valid
 * would be faster, but then positions would differ in their last bit from those that a restarted
 * run sees (another wrapping), and a pair on the edge of a bin could fall to either side: counts
 * would depend on where a run was interrupted.
 */
#include "properties/prop_rdf_impl.h"

static const char rdf_tag[8] = "PRPRDF";
enum { RDF_VERSION = 1 };

static PetscErrorCode allocate(prop_rdf *rdf)
{
  const size_t size = prop__rdf_size(rdf);

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(rdf->nspecies, &rdf->natom));
  PetscCall(PetscCalloc1(size, &rdf->count));
  PetscCall(PetscCalloc1(size, &rdf->weighted));
  PetscCall(PetscCalloc1(PROP_RDF_BLOCKS * size, &rdf->block));
  PetscCall(PetscCalloc1(size, &rdf->now));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_create(PetscInt nspecies, PetscReal rmax, PetscInt nbin, prop_rdf **rdf)
{
  PetscFunctionBegin;
  *rdf = NULL;
  PetscCheck(nspecies >= 1 && nbin >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A radial distribution needs at least one species and one bin, got %" PetscInt_FMT
             " and %" PetscInt_FMT,
             nspecies, nbin);
  PetscCheck(rmax > 0.0 && !PetscIsInfOrNanReal(rmax), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A radial distribution needs a positive range, got %g Å", (double)rmax);
  PetscCall(PetscNew(rdf));
  (*rdf)->nspecies = nspecies;
  (*rdf)->npair = nspecies * (nspecies + 1) / 2;
  (*rdf)->nbin = nbin;
  (*rdf)->rmax = rmax;
  (*rdf)->length = 1;
  PetscCall(allocate(*rdf));
  PetscFunctionReturn(0);
}

/* The first sample says how many atoms each species has; later ones must agree. */
static PetscErrorCode check_atoms(prop_rdf *rdf, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCheck(!rdf->merged, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "A merged radial distribution takes no more samples");
  PetscCheck(atoms->nspecies == rdf->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " species, the radial distribution %" PetscInt_FMT,
             atoms->nspecies, rdf->nspecies);
  for (PetscInt s = 0; s < rdf->nspecies; s++) {
    PetscInt64 n = 0;

    for (PetscInt i = 0; i < atoms->n; i++) n += atoms->type[i] == s;
    if (rdf->nsample == 0) rdf->natom[s] = n;
    PetscCheck(n == rdf->natom[s], PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Sample has %" PetscInt64_FMT " atoms of species %" PetscInt_FMT
               ", earlier ones had %" PetscInt64_FMT,
               n, s, rdf->natom[s]);
  }
  PetscFunctionReturn(0);
}

/* Bin of a distance, or nbin when out of range */
static PetscInt bin_of(const prop_rdf *rdf, const PetscReal from[3], const PetscReal to[3])
{
  const PetscReal d[3] = {to[0] - from[0], to[1] - from[1], to[2] - from[2]};
  const PetscReal r = PetscSqrtReal(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);

  if (!(r < rdf->rmax)) return rdf->nbin;
  return PetscMin((PetscInt)(r / rdf->rmax * (PetscReal)rdf->nbin), rdf->nbin - 1);
}

/* Pairs of this sample into rdf->now */
static void count_pairs(prop_rdf *rdf)
{
  const mtp_neighbors *nb = &rdf->nb;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const PetscInt j = nb->index[k];
      PetscInt bin;

      if (nb->type[i] > nb->type[j]) continue; /* counted from the other end */
      bin = bin_of(rdf, &nb->x[3 * (size_t)i], &nb->x[3 * (size_t)j]);
      if (bin < rdf->nbin) rdf->now[prop__rdf_pair(rdf, nb->type[i], nb->type[j]) + (size_t)bin]++;
    }
  }
}

/* Neighbours become one block each of twice the length; the rest is emptied. */
static PetscErrorCode merge_blocks(prop_rdf *rdf)
{
  const size_t size = prop__rdf_size(rdf);

  PetscFunctionBegin;
  rdf->nblock /= 2;
  rdf->length *= 2;
  for (size_t b = 0; b < (size_t)rdf->nblock; b++) {
    for (size_t i = 0; i < size; i++) {
      rdf->block[b * size + i] = rdf->block[2 * b * size + i] + rdf->block[(2 * b + 1) * size + i];
    }
  }
  PetscCall(PetscArrayzero(rdf->block + (size_t)rdf->nblock * size,
                           (PROP_RDF_BLOCKS - (size_t)rdf->nblock) * size));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_add(prop_rdf *rdf, const md_atoms *atoms)
{
  const size_t size = prop__rdf_size(rdf);
  const PetscReal volume = md_atoms_volume(atoms);
  PetscInt64 *block = rdf->block + (size_t)rdf->nblock * size;

  PetscFunctionBegin;
  PetscCall(check_atoms(rdf, atoms));
  PetscCall(
      mtp_neighbors_build(atoms->n, atoms->x, atoms->type, atoms->h, 3, rdf->rmax, 0.0, &rdf->nb));
  PetscCall(PetscArrayzero(rdf->now, size));
  count_pairs(rdf);
  for (size_t i = 0; i < size; i++) {
    rdf->count[i] += rdf->now[i];
    block[i] += rdf->now[i];
    rdf->weighted[i] += volume * (PetscReal)rdf->now[i];
  }
  rdf->nsample++;
  if (rdf->nsample % rdf->length == 0) rdf->nblock++;
  if (rdf->nblock == PROP_RDF_BLOCKS) PetscCall(merge_blocks(rdf));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_merge(prop_rdf *into, const prop_rdf *from)
{
  const size_t size = prop__rdf_size(into);

  PetscFunctionBegin;
  PetscCheck(into->nspecies == from->nspecies && into->nbin == from->nbin &&
                 into->rmax == from->rmax,
             PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Radial distributions of %" PetscInt_FMT " species, %" PetscInt_FMT
             " bins, %g Å and of %" PetscInt_FMT ", %" PetscInt_FMT ", %g Å cannot be merged",
             into->nspecies, into->nbin, (double)into->rmax, from->nspecies, from->nbin,
             (double)from->rmax);
  into->merged = PETSC_TRUE;
  if (from->nsample == 0) PetscFunctionReturn(0);
  for (PetscInt s = 0; s < into->nspecies; s++) {
    if (into->nsample == 0) into->natom[s] = from->natom[s];
    PetscCheck(into->natom[s] == from->natom[s], PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Radial distributions with %" PetscInt64_FMT " and %" PetscInt64_FMT
               " atoms of species %" PetscInt_FMT " cannot be merged",
               into->natom[s], from->natom[s], s);
  }
  for (size_t i = 0; i < size; i++) {
    into->count[i] += from->count[i];
    into->weighted[i] += from->weighted[i];
  }
  into->nsample += from->nsample;
  PetscFunctionReturn(0);
}

/* Blocks in use: the complete ones and the one being filled */
static size_t blocks_used(const prop_rdf *rdf)
{
  return rdf->merged ? 0 : ((size_t)rdf->nblock + 1) * prop__rdf_size(rdf);
}

PetscErrorCode prop_rdf_save(const prop_rdf *rdf, md_blob *blob)
{
  const PetscInt64 head[6] = {rdf->nspecies, rdf->nbin,   rdf->merged,
                              rdf->nsample,  rdf->length, rdf->nblock};
  const size_t size = prop__rdf_size(rdf);

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, rdf_tag, RDF_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &rdf->rmax, sizeof(rdf->rmax)));
  PetscCall(md_blob_put(blob, rdf->natom, (size_t)rdf->nspecies * sizeof(PetscInt64)));
  PetscCall(md_blob_put(blob, rdf->count, size * sizeof(PetscInt64)));
  PetscCall(md_blob_put(blob, rdf->weighted, size * sizeof(PetscReal)));
  PetscCall(md_blob_put(blob, rdf->block, blocks_used(rdf) * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

/* Reads the head and refuses what was saved for something else or contradicts itself. */
static PetscErrorCode load_head(prop_rdf *rdf, md_blob *blob)
{
  PetscInt64 head[6];
  PetscReal rmax;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, rdf_tag, RDF_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, &rmax, sizeof(rmax)));
  PetscCheck(head[0] == rdf->nspecies && head[1] == rdf->nbin && rmax == rdf->rmax, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved radial distribution has %" PetscInt64_FMT " species, %" PetscInt64_FMT
             " bins, %g Å, wanted %" PetscInt_FMT ", %" PetscInt_FMT ", %g Å",
             head[0], head[1], (double)rmax, rdf->nspecies, rdf->nbin, (double)rdf->rmax);
  PetscCheck(head[3] >= 0 && head[4] >= 1 && head[5] >= 0 && head[5] < PROP_RDF_BLOCKS &&
                 (head[2] || head[3] / head[4] == head[5]),
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved radial distribution contradicts itself: %" PetscInt64_FMT
             " samples, %" PetscInt64_FMT " blocks of %" PetscInt64_FMT,
             head[3], head[5], head[4]);
  rdf->merged = (PetscBool)(head[2] != 0);
  rdf->nsample = head[3];
  rdf->length = head[4];
  rdf->nblock = (PetscInt)head[5];
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_load(prop_rdf *rdf, md_blob *blob)
{
  const size_t size = prop__rdf_size(rdf);

  PetscFunctionBegin;
  PetscCall(load_head(rdf, blob));
  PetscCall(md_blob_get(blob, rdf->natom, (size_t)rdf->nspecies * sizeof(PetscInt64)));
  PetscCall(md_blob_get(blob, rdf->count, size * sizeof(PetscInt64)));
  PetscCall(md_blob_get(blob, rdf->weighted, size * sizeof(PetscReal)));
  PetscCall(PetscArrayzero(rdf->block, PROP_RDF_BLOCKS * size));
  PetscCall(md_blob_get(blob, rdf->block, blocks_used(rdf) * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_destroy(prop_rdf **rdf)
{
  PetscFunctionBegin;
  if (*rdf == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*rdf)->natom));
  PetscCall(PetscFree((*rdf)->count));
  PetscCall(PetscFree((*rdf)->weighted));
  PetscCall(PetscFree((*rdf)->block));
  PetscCall(PetscFree((*rdf)->now));
  PetscCall(mtp_neighbors_clear(&(*rdf)->nb));
  PetscCall(PetscFree(*rdf));
  PetscFunctionReturn(0);
}

PetscInt prop_rdf_nbin(const prop_rdf *rdf)
{
  return rdf->nbin;
}

PetscInt64 prop_rdf_samples(const prop_rdf *rdf)
{
  return rdf->nsample;
}

PetscErrorCode prop_rdf_curve(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal r[],
                              PetscReal g[], PetscReal n[])
{
  const PetscReal dr = rdf->rmax / (PetscReal)rdf->nbin, samples = (PetscReal)rdf->nsample;
  PetscReal pairs, centres;
  PetscInt64 sum = 0;
  size_t at;

  PetscFunctionBegin;
  PetscCheck(a >= 0 && b >= 0 && a < rdf->nspecies && b < rdf->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Pair of species %" PetscInt_FMT " and %" PetscInt_FMT " of %" PetscInt_FMT, a, b,
             rdf->nspecies);
  at = prop__rdf_pair(rdf, a, b);
  pairs = prop__rdf_pairs(rdf, a, b) * samples;
  centres = (PetscReal)rdf->natom[a] * samples;
  for (PetscInt k = 0; k < rdf->nbin; k++) {
    sum += rdf->count[at + (size_t)k];
    r[k] = ((PetscReal)k + 0.5) * dr;
    g[k] = n[k] = PROP_NAN;
    if (pairs > 0.0) g[k] = rdf->weighted[at + (size_t)k] / (pairs * prop__rdf_shell(rdf, k));
    if (centres > 0.0) n[k] = (PetscReal)sum / centres;
  }
  PetscFunctionReturn(0);
}
