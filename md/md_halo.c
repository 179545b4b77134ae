/* md/md_halo.c - numbers between atoms and their images
 */
#include "md/md_run_impl.h"

PetscErrorCode md__spread(const md_run *run, PetscInt width, PetscReal a[])
{
  const mtp_neighbors *nb = &run->nb;

  PetscFunctionBegin;
  for (PetscInt g = 0; g < nb->nghost; g++) {
    const PetscReal *from = a + (size_t)width * (size_t)nb->parent[g];
    PetscReal *to = a + (size_t)width * (size_t)(nb->nlocal + g);

    for (PetscInt k = 0; k < width; k++) to[k] = from[k];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__fold(const md_run *run, PetscInt width, PetscReal a[])
{
  PetscFunctionBegin;
  mtp_neighbors_fold(&run->nb, width, a);
  PetscFunctionReturn(0);
}
