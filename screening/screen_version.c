/* screening/screen_version.c - `liquidus version`: the program and everything linked */
#include "screening/screen_version.h"
#include "mtp/mtp_kernel.h"
#include "screening/screen_cli.h"
#include "screening/screen_store.h"
#include "screening/screen_yaml.h"

#include <jansson.h>
#include <libxml/xmlversion.h>
#include <nettle/version.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

/* "MPICH Version: 4.0.2" of the first line of a library's long answer, tabs turned into blanks */
static void first_line(char *text)
{
  text[strcspn(text, "\r\n")] = 0;
  for (char *c = text; *c; c++) {
    if (*c == '\t') *c = ' ';
  }
}

/* "kernel avx512, also reference portable avx2": the one that is chosen here, and what else runs */
static void print_kernels(void)
{
  int best = MTP_KERNEL_COUNT - 1;

  while (!mtp_kernel_available((mtp_kernel_kind)best)) best--;
  printf("kernel %s, also", mtp_kernel_name((mtp_kernel_kind)best));
  for (int k = MTP_KERNEL_REFERENCE; k < MTP_KERNEL_COUNT; k++) {
    if (k != best && mtp_kernel_available((mtp_kernel_kind)k))
      printf(" %s", mtp_kernel_name((mtp_kernel_kind)k));
  }
  putchar('\n');
}

PetscErrorCode screen_verb_version(int argc, char **argv, screen_exit *code)
{
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING], petsc[128], hdf5[32];
  PetscMPIInt length;

  PetscFunctionBegin;
  (void)argv;
  if (argc > 1) {
    PetscCall(screen_cli_refuse("version", code, "takes no arguments"));
    PetscFunctionReturn(0);
  }
  PetscCallMPI(MPI_Get_library_version(mpi, &length));
  first_line(mpi);
  PetscCall(PetscGetVersion(petsc, sizeof(petsc)));
  PetscCall(screen_store_hdf5_version(hdf5, sizeof(hdf5)));
  printf("liquidus %s\n", LIQUIDUS_VERSION);
  printf("compiler %s\n", __VERSION__);
  printf("%s\n%s\nHDF5 %s\nlibyaml %s\njansson %s\nnettle %d.%d\nlibxml2 %s\nlibzip %s\n", mpi,
         petsc, hdf5, screen_yaml_version(), JANSSON_VERSION, NETTLE_VERSION_MAJOR,
         NETTLE_VERSION_MINOR, LIBXML_DOTTED_VERSION, zip_libzip_version());
  print_kernels();
  PetscFunctionReturn(0);
}
