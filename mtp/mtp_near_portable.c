/* mtp/mtp_near_portable.c - without vectors: every number is written, and the place moves on only
   past those that are near */
#include "mtp/mtp_near.h"

PetscInt mtp__near_portable(const mtp_near_points *points, PetscInt begin, PetscInt end,
                            const PetscReal at[3], PetscReal reach2, PetscInt self,
                            PetscInt *restrict found)
{
  const PetscReal *x = points->x, *y = points->y, *z = points->z;
  const PetscInt *number = points->number;
  const PetscReal x0 = at[0], y0 = at[1], z0 = at[2];
  PetscInt count = 0;

  for (PetscInt k = begin; k < end; k++) {
    const PetscReal dx = x0 - x[k], dy = y0 - y[k], dz = z0 - z[k];

    found[count] = number[k];
    count += dx * dx + dy * dy + dz * dz <= reach2 && number[k] != self;
  }
  return count;
}

mtp_near *mtp__near_of(mtp_kernel_kind kind)
{
#ifdef MTP_HAVE_X86
  const PetscBool automatic = (PetscBool)(kind == MTP_KERNEL_AUTO);

  if ((automatic || kind == MTP_KERNEL_AVX512) && mtp_kernel_available(MTP_KERNEL_AVX512))
    return mtp__near_avx512;
  if ((automatic || kind == MTP_KERNEL_AVX2) && mtp_kernel_available(MTP_KERNEL_AVX2))
    return mtp__near_avx2;
#endif
  return kind == MTP_KERNEL_AVX2 || kind == MTP_KERNEL_AVX512 ? NULL : mtp__near_portable;
}
